"""What the REST API is known to refuse, each row with the answer that proves it."""

from .refusal import Refusal

_KEY = "check the API key"
_LOOK = "look at its state with get_sandbox"
_WAIT = "too many requests: wait, then try again"
_BUSY = "its state is changing: look with get_sandbox, then try again"
_WRONG_STATE = "its state does not allow this: look with get_sandbox"
_BROKEN = "it does not start again: read its error_reason with get_sandbox, then delete it"
_KEEPS_NAME = (
    "the sandbox is left in the state error and keeps its name: read its error_reason with get_sandbox, "
    "and delete it with delete_sandbox before another gets the name"
)
_FREE_CPU = "the organization's limit is used up: stop or delete other sandboxes"
_FREE_DISK = "the organization's limit is used up: delete or archive other sandboxes, since stopped ones use disk too"
_ONE_TOO_LARGE = "this is the limit for one sandbox: ask for less, or take a smaller snapshot"
_LIMIT = r"(?:limit|quota) exceeded"
_REFUSED = (400, 402, 403, 409, 422)

API: tuple[Refusal, ...] = (
    Refusal(
        "api",
        (429,),
        r".*",
        "rate_limited",
        False,
        _WAIT,
        "ThrottlerException: Too Many Requests",
        "0.190 recorded: limits",
        "RATE_LIMIT_EXCEEDED",
    ),
    Refusal(
        "api",
        (401,),
        r"invalid credentials|unauthorized|(the )?api key|invalid (api key|token)|jwt ",
        "authentication",
        False,
        _KEY,
        "Invalid credentials",
        "0.190 recorded: wrong key",
        "API_KEY_EXPIRED",
    ),
    Refusal(
        "api",
        (403,),
        r"organization is suspended",
        "permission",
        False,
        "",
        "Organization is suspended: Payment overdue",
        "0.190 recorded: suspended organisation",
        "ORGANIZATION_SUSPENDED",
    ),
    Refusal(
        "api",
        (403,),
        r"access denied|forbidden resource|insufficient permission",
        "permission",
        False,
        "the API key may not do this",
        "Access denied",
        "0.190 recorded: read-only key",
    ),
    Refusal(
        "api",
        _REFUSED,
        rf"total (cpu|memory|gpu|vcpu)\b.*{_LIMIT}",
        "quota",
        False,
        _FREE_CPU,
        "Total CPU limit exceeded. Maximum allowed: 1.",
        "0.190 recorded: quota",
    ),
    Refusal(
        "api",
        _REFUSED,
        rf"total (disk|storage)\b.*{_LIMIT}",
        "quota",
        False,
        _FREE_DISK,
        "Total disk limit exceeded. Maximum allowed: 3GiB.",
        "0.190 recorded: quota",
    ),
    Refusal(
        "api",
        _REFUSED,
        r"(cpu|memory|disk|gpu) request .*exceeds maximum allowed per",
        "quota",
        False,
        _ONE_TOO_LARGE,
        "CPU request 8 exceeds maximum allowed per sandbox (4).",
        "0.190 source: sandbox.service",
    ),
    Refusal(
        "api",
        _REFUSED,
        rf"(?!rate )[a-z ]*\b{_LIMIT}|[a-z ]*\b(limit|quota) (is |has been |was )?reached",
        "quota",
        False,
        "",
        "Sandbox quota exceeded",
        "0.190 source: organization quotas",
        "ORGANIZATION_QUOTA_EXCEEDED",
    ),
    Refusal(
        "api",
        (402,),
        r".*",
        "quota",
        True,
        "",
        "Payment required",
        "0.205 spec: 402",
    ),
    Refusal(
        "api",
        (400, 409, 422, 500, 503),
        r"no (available|suitable|healthy) runners?|no runners? (is |are )?available",
        "server",
        True,
        "Daytona has no machine free for it: try again later",
        "No available runners",
        "0.190 recorded: create, no runner",
        "NO_AVAILABLE_RUNNERS",
    ),
    Refusal(
        "api",
        (400, 409, 422, 500, 503),
        r"(timeout: )?sandbox failed to (start|build)|failed to start sandbox",
        "server",
        True,
        _KEEPS_NAME,
        "Sandbox failed to start: no space left on device",
        "0.190 recorded: create, runner fails",
    ),
    Refusal(
        "api",
        (400, 404, 409, 422, 500),
        r"runner (with id \S+ )?(is )?(not ready|not available|not found|unavailable)",
        "server",
        True,
        "",
        "Runner is not ready",
        "0.148 source: sandbox.service",
        "SANDBOX_RUNNER_NOT_FOUND",
    ),
    Refusal(
        "api",
        (400, 409, 422),
        r"sandbox is in an? (errored|error|build_failed|build failed) state",
        "conflict",
        True,
        _BROKEN,
        "Sandbox is in an errored state",
        "0.190 recorded: start broken",
    ),
    Refusal(
        "api",
        (400, 409, 422),
        r"(sandbox )?state change in progress|sandbox was modified by another|.*\balready in progress",
        "conflict",
        True,
        _BUSY,
        "Sandbox state change in progress",
        "0.190 recorded: stop twice",
        "STATE_CHANGE_IN_PROGRESS",
    ),
    Refusal(
        "api", (400, 404), r"sandbox is not running", "not_running", True, _LOOK, "Sandbox is not running", "0.148"
    ),
    Refusal(
        "api",
        (400, 409, 422),
        r"sandbox (is not|must be|is paused|cannot be|can only be)\b|ephemeral sandboxes cannot|.*\bfork children",
        "conflict",
        True,
        _WRONG_STATE,
        "Sandbox is not in a stoppable state",
        "0.190 recorded: stop stopped",
        "SANDBOX_STATE_ERROR",
    ),
    Refusal(
        "api",
        (400,),
        r"cannot specify sandbox resources when using a snapshot",
        "invalid_input",
        True,
        "leave out cpu, memory and disk: a snapshot fixes them",
        "Cannot specify Sandbox resources when using a snapshot",
        "0.190 recorded: cpu with snapshot",
    ),
    Refusal(
        "api",
        (404,),
        r"cannot (get|post|put|patch|delete) /",
        "not_found",
        True,
        "this server has no such route: is the API URL right?",
        "Cannot GET /sandbox",
        "0.190 recorded: unknown path",
    ),
)
