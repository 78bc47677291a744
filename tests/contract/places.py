"""Where the specs are: ours in the checkout, Daytona's own beside it on some machines."""

from functools import cache

import pytest

from contract.specs import Spec
from support.paths import ROOT

_UPSTREAM = ROOT.parent / "shared" / "upstream"
OURS = {"rest": ROOT / "openapi" / "rest.yaml", "toolbox": ROOT / "openapi" / "toolbox.yaml"}
UPSTREAM = {"rest": _UPSTREAM / "rest-api.openapi3.json", "toolbox": _UPSTREAM / "toolbox-api.swagger2.json"}
UPSTREAM_VERSION = "0.205"


@cache
def read_upstream() -> dict[str, Spec]:
    """Read Daytona's own specs, or skip the test where they are not at hand."""
    if missing := [file.name for file in UPSTREAM.values() if not file.is_file()]:
        pytest.skip(f"the full upstream specs are not beside the checkout, in ../shared/upstream: {', '.join(missing)}")
    return {api: Spec.read(file, closed_answers=True) for api, file in UPSTREAM.items()}
