"""Daytona's own full specs, which are not part of this repository."""

import os
from pathlib import Path

from support.paths import ROOT

_FOLDER = Path(os.environ.get("UPSTREAM_SPECS") or ROOT.parent / "shared/upstream")
FILES = {"rest": _FOLDER / "rest-api.openapi3.json", "toolbox": _FOLDER / "toolbox-api.swagger2.json"}
VERSION = "0.205"
_HOW = (
    "Daytona's own specs are missing. To run this, save https://app.daytona.io/api-json as rest-api.openapi3.json, "
    "apps/daemon/pkg/toolbox/docs/swagger.json of https://github.com/daytonaio/daytona as toolbox-api.swagger2.json, "
    "and name their folder in UPSTREAM_SPECS"
)
MISSING = "" if all(file.is_file() for file in FILES.values()) else _HOW
"""Why tests of these specs are skipped, and how to get them; empty where they are at hand."""
