"""Where the specs are: ours in the checkout, Daytona's own beside it on some machines."""

from functools import cache

import pytest

from contract.specs import Spec
from support.paths import ROOT
from support.upstream_specs import FILES, MISSING

OURS = {"rest": ROOT / "openapi" / "rest.yaml", "toolbox": ROOT / "openapi" / "toolbox.yaml"}


@cache
def read_upstream() -> dict[str, Spec]:
    """Read Daytona's own specs, or skip the test where they are not at hand."""
    if MISSING:
        pytest.skip(MISSING)
    return {api: Spec.read(file, closed_answers=True) for api, file in FILES.items()}
