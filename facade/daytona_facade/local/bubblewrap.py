"""One sandbox behind bubblewrap: the command line that builds its world."""

from __future__ import annotations

import os
import shutil
import subprocess
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from .interpreter import Interpreter

HOME = "/home/daytona"
PYTHON = "/opt/python"
TOOLBOX = "/opt/daytona/toolbox"
SITE = "/opt/daytona/site"
INNER_ID = 1000
# Root's processes escape every count of processes, so a server that is root runs sandboxes as nobody in particular.
ROOT_DELEGATE = 61000
SHARED_MEMORY_BYTES = 64 * 1024**2
HOST_ETC = (
    "alternatives",
    "ca-certificates",
    "fonts",
    "ld.so.cache",
    "ld.so.conf",
    "ld.so.conf.d",
    "localtime",
    "mime.types",
    "pki/ca-trust/extracted",
    "pki/tls/certs",
    "protocols",
    "services",
    "ssl/certs",
    "ssl/openssl.cnf",
)


@dataclass(frozen=True)
class Bubblewrap:
    """Builds command lines for one server's sandboxes."""

    program: str
    etc: Path
    interpreter: Interpreter
    rooted: bool
    sized: bool
    """Whether this bubblewrap can bound the size of a mount in memory."""

    home = HOME
    python = PYTHON
    plain = False

    @property
    def toolbox(self) -> str:
        """Where a sandbox sees the toolbox package."""
        return TOOLBOX

    @property
    def site(self) -> list[str]:
        """Where a sandbox sees the packages that the toolbox needs."""
        return [f"{SITE}/{index}" for index in range(len(self.interpreter.site))]

    def own(self, folder: Path) -> None:
        """Give a folder, with what is in it, to the user that sandboxes run as."""
        if self.rooted:
            for path in (folder, *folder.rglob("*")):
                os.lchown(path, ROOT_DELEGATE, ROOT_DELEGATE)

    def command(self, folder: Path, hostname: str, *, network: bool, info: int, program: list[str]) -> list[str]:
        """Word the command that runs `program` in a sandbox whose files are in `folder`.

        `info` is the number of an inherited descriptor, to which bubblewrap tells the process ID of the sandbox.
        """
        words = ["--die-with-parent", "--new-session", "--info-fd", str(info)]
        words += ["--unshare-pid", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try", "--hostname", hostname]
        words += [] if network else ["--unshare-net"]
        words += self.user()
        words += system_mounts(self.etc, SHARED_MEMORY_BYTES if self.sized else 0)
        words += self.own_mounts(folder)
        # The last words close what is only there to hold mounts: it is memory that no limit counts.
        words += ["--remount-ro", "/etc", "--remount-ro", "/dev", "--remount-ro", "/", "--chdir", HOME]
        return [self.program, *words, "--", *self.descent(), *program]

    def user(self) -> list[str]:
        """Word the change of user that bubblewrap does itself."""
        if self.rooted:
            return [
                "--cap-drop",
                "ALL",
                "--cap-add",
                "CAP_SETUID",
                "--cap-add",
                "CAP_SETGID",
                "--cap-add",
                "CAP_SETPCAP",
            ]
        return ["--unshare-user", "--uid", str(INNER_ID), "--gid", str(INNER_ID)]

    def descent(self) -> list[str]:
        """Word the way down from root, into a user namespace of the sandbox's own."""
        if not self.rooted:
            return []
        ids = [f"--reuid={ROOT_DELEGATE}", f"--regid={ROOT_DELEGATE}", "--clear-groups"]
        bare = ["--inh-caps=-all", "--bounding-set=-all", "--no-new-privs"]
        mapped = [f"--map-user={INNER_ID}", f"--map-group={INNER_ID}"]
        return ["setpriv", *ids, *bare, "--", "unshare", "--user", *mapped, "--"]

    def own_mounts(self, folder: Path) -> list[str]:
        """Word the mounts of one sandbox and of its interpreter."""
        words = open_folders(Path(SITE, "0"), Path(HOME), Path("/var/tmp"), Path("/run/lock"))  # noqa: S108 -- its own
        words += ["--bind", str(folder / "tmp"), "/tmp", "--bind", str(folder / "home"), HOME]  # noqa: S108 -- its own
        words += ["--bind", str(folder / "python"), PYTHON, "--symlink", "/tmp", "/var/tmp"]  # noqa: S108 -- its own
        words += ["--ro-bind-try", str(folder / "hosts"), "/etc/hosts"]
        words += ["--ro-bind", str(self.interpreter.toolbox), TOOLBOX]
        for inside, outside in zip(self.site, self.interpreter.site, strict=True):
            words += ["--ro-bind", str(outside), inside]
        if not self.interpreter.prefix.is_relative_to("/usr"):
            words += open_folders(self.interpreter.prefix)
            words += ["--ro-bind", str(self.interpreter.prefix), str(self.interpreter.prefix)]
        return words


def open_folders(*targets: Path) -> list[str]:
    """Word the making of the folders above mounts; made by a mount itself, they are closed to the sandbox's user."""
    above = dict.fromkeys(folder for path in targets for folder in reversed(path.parents[:-1]))
    return [word for folder in above for word in ("--perms", "0755", "--dir", str(folder))]


def system_mounts(etc: Path, shared_memory: int) -> list[str]:
    """Word the mounts that every sandbox has: the programs of the machine, and an /etc of its own."""
    words = ["--ro-bind", "/usr", "/usr", "--proc", "/proc", "--dev", "/dev"]
    words += ["--perms", "1777", *(["--size", str(shared_memory)] if shared_memory else [])]
    words += ["--tmpfs", "/dev/shm"]  # noqa: S108 -- the sandbox's own
    for name in ("bin", "sbin", "lib", "lib32", "lib64", "libx32"):
        path = Path("/", name)
        if path.is_symlink():
            words += ["--symlink", os.readlink(path), str(path)]
        elif path.is_dir():
            words += ["--ro-bind", str(path), str(path)]
    words += ["--tmpfs", "/etc", *open_folders(*(Path("/etc", name) for name in HOST_ETC))]
    for file in sorted(etc.iterdir()):
        words += ["--ro-bind", str(file), f"/etc/{file.name}"]
    for name in HOST_ETC:
        words += ["--ro-bind-try", f"/etc/{name}", f"/etc/{name}"]
    return words


def write_etc(folder: Path) -> None:
    """Write the files of /etc that sandboxes see instead of the machine's."""
    folder.mkdir(mode=0o755)
    # No zsh: a sandbox behaves alike on every machine, and Daytona's images have none.
    shells = [shell for shell in ("/bin/bash", "/bin/sh") if Path(shell).exists()]
    files = {
        "passwd": f"root:x:0:0:root:/root:/bin/sh\ndaytona:x:{INNER_ID}:{INNER_ID}:daytona:{HOME}:{shells[0]}\n",
        "group": f"root:x:0:\ndaytona:x:{INNER_ID}:\n",
        "nsswitch.conf": "passwd: files\ngroup: files\nhosts: files dns\n",
        "shells": "".join(f"{shell}\n" for shell in shells),
        "resolv.conf": "",
    }
    with suppress(OSError):
        files["resolv.conf"] = Path("/etc/resolv.conf").read_text()
    for name, text in files.items():
        (folder / name).write_text(text)
        (folder / name).chmod(0o644)


def find_program(rooted: bool) -> str:
    """Find bubblewrap and what a server that is root needs beside it; raises OSError that names what lacks."""
    needed = ["bwrap", *(["setpriv", "unshare"] if rooted else [])]
    missing = [name for name in needed if shutil.which(name) is None]
    if missing:
        raise FileNotFoundError(f"{', '.join(missing)} not found")
    return str(shutil.which("bwrap"))


def can_size(program: str) -> bool:
    """Tell whether a bubblewrap knows `--size`, which releases before 0.7 do not."""
    told = subprocess.run([program, "--help"], capture_output=True, text=True, check=False)  # noqa: S603 -- found by us
    return "--size" in told.stdout + told.stderr
