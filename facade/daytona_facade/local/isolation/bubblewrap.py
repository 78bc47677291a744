"""One sandbox behind bubblewrap: the command line that builds its world."""

import os
import shutil
import subprocess
from contextlib import suppress
from pathlib import Path

import attrs

from .interpreter import Interpreter

HOME = "/home/daytona"
PYTHON = "/opt/python"
_TOOLBOX = "/opt/daytona/toolbox"
_SITE = "/opt/daytona/site"
_INNER_ID = 1000
# The kernel does not count root's processes, so a server that runs as root gives sandboxes this user ID.
_ROOT_DELEGATE = 61000
_SHARED_MEMORY_BYTES = 64 * 1024**2
_HOST_ETC = (
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


@attrs.frozen
class Bubblewrap:
    """Builds command lines for one server's sandboxes."""

    program: str
    etc: Path
    interpreter: Interpreter
    as_root: bool
    limits_mounts: bool
    """Whether this bubblewrap can bound the size of a mount in memory."""

    @property
    def plain(self) -> bool:
        """Whether sandboxes are plain processes."""
        return False

    @property
    def toolbox(self) -> str:
        """Where a sandbox sees the toolbox package."""
        return _TOOLBOX

    @property
    def site(self) -> list[str]:
        """Where a sandbox sees the packages that the toolbox needs."""
        return [f"{_SITE}/{index}" for index in range(len(self.interpreter.site))]

    def own(self, folder: Path) -> None:
        """Give a folder, with what is in it, to the user that sandboxes run as."""
        if self.as_root:
            for path in (folder, *folder.rglob("*")):
                os.lchown(path, _ROOT_DELEGATE, _ROOT_DELEGATE)

    def command(self, folder: Path, hostname: str, *, network: bool, info: int, program: list[str]) -> list[str]:
        """Return the command that runs ``program`` in a sandbox whose files are in ``folder``.

        ``info`` is an inherited descriptor to which bubblewrap writes the process ID of the sandbox.
        """
        options = ["--die-with-parent", "--new-session", "--info-fd", str(info)]
        options += ["--unshare-pid", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try", "--hostname", hostname]
        options += [] if network else ["--unshare-net"]
        options += self._user()
        options += _system_mounts(self.etc, _SHARED_MEMORY_BYTES if self.limits_mounts else 0)
        options += self._own_mounts(folder)
        # What only holds mounts becomes read-only: it is memory that no limit counts.
        options += ["--remount-ro", "/etc", "--remount-ro", "/dev", "--remount-ro", "/", "--chdir", HOME]
        return [self.program, *options, "--", *self._drop_root(), *program]

    def _user(self) -> list[str]:
        """Return the options for the change of user that bubblewrap does itself."""
        if self.as_root:
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
        return ["--unshare-user", "--uid", str(_INNER_ID), "--gid", str(_INNER_ID)]

    def _drop_root(self) -> list[str]:
        """Return the command that drops root and enters a user namespace of the sandbox's own."""
        if not self.as_root:
            return []
        ids = [f"--reuid={_ROOT_DELEGATE}", f"--regid={_ROOT_DELEGATE}", "--clear-groups"]
        bare = ["--inh-caps=-all", "--bounding-set=-all", "--no-new-privs"]
        mapped = [f"--map-user={_INNER_ID}", f"--map-group={_INNER_ID}"]
        return ["setpriv", *ids, *bare, "--", "unshare", "--user", *mapped, "--"]

    def _own_mounts(self, folder: Path) -> list[str]:
        """Return the options for the mounts of one sandbox and of its interpreter."""
        options = _readable_folders(Path(_SITE, "0"), Path(HOME), Path("/var/tmp"), Path("/run/lock"))  # noqa: S108 - its own
        options += ["--bind", str(folder / "tmp"), "/tmp", "--bind", str(folder / "home"), HOME]  # noqa: S108 - its own
        options += ["--bind", str(folder / "python"), PYTHON, "--symlink", "/tmp", "/var/tmp"]  # noqa: S108 - its own
        options += ["--ro-bind-try", str(folder / "hosts"), "/etc/hosts"]
        options += ["--ro-bind", str(self.interpreter.toolbox), _TOOLBOX]
        for inside, outside in zip(self.site, self.interpreter.site, strict=True):
            options += ["--ro-bind", str(outside), inside]
        if not self.interpreter.prefix.is_relative_to("/usr"):
            options += _readable_folders(self.interpreter.prefix)
            options += ["--ro-bind", str(self.interpreter.prefix), str(self.interpreter.prefix)]
        return options


def _readable_folders(*targets: Path) -> list[str]:
    """Return the options that make folders above mounts readable; bubblewrap makes them for root alone."""
    above = dict.fromkeys(folder for path in targets for folder in reversed(path.parents[:-1]))
    return [word for folder in above for word in ("--perms", "0755", "--dir", str(folder))]


def _system_mounts(etc: Path, shared_memory: int) -> list[str]:
    """Return the options for the mounts that every sandbox has: the programs of the machine, and an /etc of its own."""
    options = ["--ro-bind", "/usr", "/usr", "--proc", "/proc", "--dev", "/dev"]
    options += ["--perms", "1777", *(["--size", str(shared_memory)] if shared_memory else [])]
    options += ["--tmpfs", "/dev/shm"]  # noqa: S108 - the sandbox's own
    for name in ("bin", "sbin", "lib", "lib32", "lib64", "libx32"):
        path = Path("/", name)
        if path.is_symlink():
            options += ["--symlink", os.readlink(path), str(path)]
        elif path.is_dir():
            options += ["--ro-bind", str(path), str(path)]
    options += ["--tmpfs", "/etc", *_readable_folders(*(Path("/etc", name) for name in _HOST_ETC))]
    for file in sorted(etc.iterdir()):
        options += ["--ro-bind", str(file), f"/etc/{file.name}"]
    for name in _HOST_ETC:
        options += ["--ro-bind-try", f"/etc/{name}", f"/etc/{name}"]
    return options


def write_etc(folder: Path) -> None:
    """Write the files of /etc that sandboxes see instead of the machine's."""
    folder.mkdir(mode=0o755)
    # No zsh: a sandbox behaves alike on every machine, and Daytona's images have none.
    shells = [shell for shell in ("/bin/bash", "/bin/sh") if Path(shell).exists()]
    files = {
        "passwd": f"root:x:0:0:root:/root:/bin/sh\ndaytona:x:{_INNER_ID}:{_INNER_ID}:daytona:{HOME}:{shells[0]}\n",
        "group": f"root:x:0:\ndaytona:x:{_INNER_ID}:\n",
        "nsswitch.conf": "passwd: files\ngroup: files\nhosts: files dns\n",
        "shells": "".join(f"{shell}\n" for shell in shells),
        "resolv.conf": "",
    }
    with suppress(OSError):
        files["resolv.conf"] = Path("/etc/resolv.conf").read_text()
    for name, text in files.items():
        (folder / name).write_text(text)
        (folder / name).chmod(0o644)


def find_program(as_root: bool) -> str:
    """Find bubblewrap and what a server that is root needs beside it; raises OSError that names what is missing."""
    needed = ["bwrap", *(["setpriv", "unshare"] if as_root else [])]
    missing = [name for name in needed if shutil.which(name) is None]
    if missing:
        raise FileNotFoundError(f"{', '.join(missing)} not found")
    return str(shutil.which("bwrap"))


def can_limit_mounts(program: str) -> bool:
    """Tell whether a bubblewrap knows ``--size``, which releases before 0.7 do not."""
    output = subprocess.run([program, "--help"], capture_output=True, text=True, check=False)  # noqa: S603 - the program was found above
    return "--size" in output.stdout + output.stderr
