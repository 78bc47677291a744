"""How much disk a folder takes."""

import os
from contextlib import suppress
from pathlib import Path

# What the smallest file takes besides its content; a million empty files are not free either.
_ENTRY_BYTES = 4096


def disk_usage(folder: Path) -> int:
    """Return the bytes that a folder takes with all in it; a file with many names counts once."""
    total, linked, folders = 0, set(), [str(folder)]
    while folders:
        with suppress(OSError), os.scandir(folders.pop()) as entries:
            for entry in entries:
                with suppress(OSError):
                    status = entry.stat(follow_symlinks=False)
                    if entry.is_dir(follow_symlinks=False):
                        folders.append(entry.path)
                    elif status.st_nlink > 1:
                        if status.st_ino in linked:
                            continue
                        linked.add(status.st_ino)
                    total += max(status.st_blocks * 512, _ENTRY_BYTES)
    return total
