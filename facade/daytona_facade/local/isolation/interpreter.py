"""The Python that runs toolboxes, and the one that programs in a sandbox get."""

import compileall
import os
import sys
from importlib.util import find_spec
from pathlib import Path

import attrs

_NEEDED = ("starlette", "uvicorn", "h11", "anyio", "idna", "click", "python_multipart", "typing_extensions")
# The toolbox package runs alone, whatever packages it stands in on the server's side.
_BOOT = """
import sys, importlib.util as u
sys.path += sys.argv[3:]
s = u.spec_from_file_location("sandbox_toolbox", sys.argv[2] + "/__init__.py", submodule_search_locations=[sys.argv[2]])
sys.modules[s.name] = u.module_from_spec(s)
from sandbox_toolbox.toolbox_process import main
main()
"""


@attrs.frozen
class Interpreter:
    """A Python installation with the packages that a toolbox needs."""

    program: Path
    prefix: Path
    site: tuple[Path, ...]
    toolbox: Path

    def boot(self, socket: int, toolbox: str, site: list[str]) -> list[str]:
        """Return the command that serves a toolbox on an inherited socket."""
        return [str(self.program), "-I", "-S", "-c", _BOOT, str(socket), toolbox, *site]


def this_interpreter() -> Interpreter:
    """Describe the Python that runs this server, and compile the toolbox for it."""
    base = getattr(sys, "_base_executable", None) or sys.executable
    toolbox = Path(__file__).resolve().parents[1] / "toolbox"
    # Sandboxes see the package read-only, so none of them could keep what it compiles.
    compileall.compile_dir(toolbox, quiet=2)
    site = dict.fromkeys(path for name in _NEEDED if (path := _parent(name)) is not None)
    return Interpreter(Path(base).resolve(), Path(sys.base_prefix).resolve(), tuple(site), toolbox)


def _parent(name: str) -> Path | None:
    """Find the folder that a module or package is imported from."""
    spec = find_spec(name)
    if spec is None or spec.origin is None:
        return None
    origin = Path(spec.origin).resolve()
    return origin.parent.parent if origin.name == "__init__.py" else origin.parent


def make_python(folder: Path, seen_as: str, interpreter: Interpreter, site: list[str]) -> None:
    """Create a virtual environment that pip can write to, with the server's packages behind it."""
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    packages = folder / "lib" / version / "site-packages"
    packages.mkdir(parents=True)
    (packages / "server.pth").write_text("".join(f"{path}\n" for path in site))
    (folder / "bin").mkdir()
    (folder / "bin" / "python3").symlink_to(interpreter.program)
    (folder / "bin" / "python").symlink_to("python3")
    home = f"home = {interpreter.program.parent}\ninclude-system-site-packages = true\n"
    (folder / "pyvenv.cfg").write_text(home)
    for name in ("pip", "pip3"):
        script = folder / "bin" / name
        script.write_text(f'#!/bin/sh\nexec {seen_as}/bin/python3 -m pip "$@"\n')
        os.chmod(script, 0o755)  # noqa: S103 - programs of the sandbox
