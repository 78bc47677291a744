"""A build hook of hatchling: the wheel has one top-level package, with the generated clients inside it.

In the tree ``generated/`` lies beside ``facade/``. The wheel has it in ``daytona_facade/_generated/``, so an install
adds one name to the user's environment. The one module that imports it is rewritten, as ``vendor.sh`` does.
An editable install uses the tree as it is.
"""

import re
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

SEAM = "daytona_facade/_responses/generated.py"


class WheelLayout(BuildHookInterface):  # type: ignore[type-arg]
    """Puts the generated clients and the rewritten seam into the wheel."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Write what the wheel has and the tree has not."""
        if version == "editable":
            return
        self._folder = tempfile.TemporaryDirectory()
        seam = Path(self._folder.name) / "generated.py"
        source = (Path(self.root) / "facade" / SEAM).read_text()
        seam.write_text(re.sub(r"(?m)^( *from )(daytona_(?:rest|toolbox))", r"\1.._generated.\2", source))
        package = Path(self._folder.name) / "__init__.py"
        package.write_text('"""The generated clients."""\n')
        build_data["force_include"] |= {
            str(seam): SEAM,
            str(package): "daytona_facade/_generated/__init__.py",
            str(Path(self.root) / "generated"): "daytona_facade/_generated",
        }

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:  # noqa: ARG002 - hatchling's
        """Remove what ``initialize`` wrote."""
        if version != "editable":
            self._folder.cleanup()
