"""The only module that imports the generated clients, so vendoring rewrites this file alone.

Each client is loaded by the first call that needs it.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from daytona_rest import models as rest_models
    from daytona_rest.api import sandbox as rest
    from daytona_toolbox import models as toolbox_models
    from daytona_toolbox import types as toolbox_types
    from daytona_toolbox.api import toolbox

__all__ = ["rest", "rest_models", "toolbox", "toolbox_models", "toolbox_types"]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    if name.startswith("rest"):
        from daytona_rest import models as rest_models
        from daytona_rest.api import sandbox as rest

        globals().update(rest=rest, rest_models=rest_models)
    else:
        from daytona_toolbox import models as toolbox_models
        from daytona_toolbox import types as toolbox_types
        from daytona_toolbox.api import toolbox

        globals().update(toolbox=toolbox, toolbox_models=toolbox_models, toolbox_types=toolbox_types)
    return globals()[name]
