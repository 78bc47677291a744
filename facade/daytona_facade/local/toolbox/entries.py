"""One file or folder in the words of the daemon."""

import os
import stat
from datetime import UTC, datetime

from .go_text import whole
from .profiles import Profile

# Go writes its own letters for the kinds of files, before the nine permission letters.
KINDS = (
    (stat.S_ISDIR, "d"),
    (stat.S_ISLNK, "L"),
    (stat.S_ISBLK, "D"),
    (stat.S_ISCHR, "Dc"),
    (stat.S_ISFIFO, "p"),
    (stat.S_ISSOCK, "S"),
)
FLAGS = ((stat.S_ISUID, "u"), (stat.S_ISGID, "g"))


def entry(profile: Profile, path: str, shown: str = "") -> dict[str, object]:
    """Describe what a path leads to, symbolic links followed; raises OSError."""
    status = os.stat(path)
    seconds, nanos = divmod(status.st_mtime_ns, 10**9)
    moment = datetime.fromtimestamp(seconds, UTC)
    fraction = f".{nanos:09d}".rstrip("0").rstrip(".")
    found: dict[str, object] = {
        "name": whole(os.path.basename(path.rstrip("/")) or path),
        "size": status.st_size,
        "mode": go_mode(status.st_mode),
        "modTime": f"{moment:%Y-%m-%d %H:%M:%S}{fraction} +0000 UTC",
        "modifiedAt": f"{moment:%Y-%m-%dT%H:%M:%S}{fraction}Z",
        "isDir": stat.S_ISDIR(status.st_mode),
        "owner": str(status.st_uid),
        "group": str(status.st_gid),
        "permissions": f"{status.st_mode & 0o777:04o}",
    }
    if profile.depth:
        found["path"] = whole(shown or path)
    return found


def go_mode(mode: int) -> str:
    """Write a mode as Go's FileMode does: "-rw-r--r--", "drwxr-xr-x", "dtrwxrwxrwx"."""
    kind = next((letter for holds, letter in KINDS if holds(mode)), "")
    flags = "".join(letter for bit, letter in FLAGS if mode & bit)
    sticky = "t" if mode & stat.S_ISVTX else ""
    return (
        f"{kind}{flags}{sticky}" + stat.filemode(mode & 0o777)[1:]
        if kind or flags or sticky
        else ("-" + stat.filemode(mode & 0o777)[1:])
    )
