"""Every number of the library, each once: sizes in bytes, times in seconds, unless the name says otherwise."""

DOWNLOAD_BYTES = 100 * 2**20
"""104,857,600 bytes: a file of exactly this size still passes ``download_file``."""
JSON_BYTES = 16 * 2**20
PROGRAM_BYTES = 64 * 2**20
"""The JSON that carries a program's output may be larger than other JSON."""
REST_BODY_BYTES = 102_400
"""Daytona's API takes no longer JSON body, and answers as if it had no such route."""
ERROR_BYTES = 64 * 2**10
"""No more than this is read of an error's body."""
JSON_VALUES = 10**6
"""Two bytes of JSON can become an object of a hundred bytes in memory, so values are counted too."""
JSON_DEPTH = 100
LIST_ENTRIES = 100_000
"""Each entry of a list costs about 1 KB of memory."""

LOOKUP_S = 30.0
"""Deadline of get, list, stop and ``list_files``."""
LIFECYCLE_S = 60.0
"""Deadline of create, start and delete: the server holds the answer of create and start for up to 30 s."""
CLONE_S = 300.0
PROGRAM_MARGIN_S = 15.0
"""The server kills a program at its timeout; its answer then still has to arrive."""
TRANSFER_S = 30.0
TRANSFER_BYTES_PER_S = 256 * 2**10
"""The slowest connection that a transfer is given time for, on top of ``TRANSFER_S``."""
STREAMED_DOWNLOAD_S = 3600.0
"""Deadline of a download to disk, whose size is not known in advance."""
WAIT_S = 60.0
"""How long ``temporary_sandbox`` waits for its sandbox to start."""
CONNECT_S = 10.0
LONGEST_DEADLINE_S = 86_400.0 * 20
"""Operating systems wait for a socket no longer than about 24 days at a time."""

RETRIES = 2
FIRST_BACKOFF_S = 0.25
LONGEST_BACKOFF_S = 8.0
FIRST_POLL_S = 0.1
LONGEST_POLL_S = 1.0

CONNECTIONS = 100
"""Per process for sync calls, per event loop for async calls."""
IDLE_S = 30.0
"""An idle connection is closed after this time."""
FAST_CONNECTIONS = 1000
HELD_BYTES = 16 * 2**10
"""A request up to this size leaves in one write, head and body together."""
READ_BYTES = 256 * 2**10
"""More than httpcore reads at once: it takes a tenth off the CPU time of a large download."""
RETURN_GRACE_S = 0.25
"""A transport's own timeouts know whether anything was sent, so they get this long to report first."""

TOOLBOX_ADDRESSES = 4096
"""How many sandboxes' toolbox addresses a client remembers."""
ADDRESS_CHARS = 2048

ERROR_CHARS = 2000
QUOTED_CHARS = 600
"""The longest quotation of a server's words in an error."""
QUOTED_ID_CHARS = 200
QUOTED_LOCATION_CHARS = 200
QUOTED_DEPTH = 8
TIME_CHARS = 80
"""No server writes a time longer than this; parsing a megabyte as one would take minutes."""

MODEL_CHARS = 30_000
"""The longest text that a model is shown for one call: hosts cut at about 25,000 tokens, and then the end is lost."""
MODEL_FILE_BYTES = 32 * 2**10
"""A text file up to this size is shown whole, unless it has more than ``MODEL_CHARS`` characters."""
MODEL_PICTURE_CHARS = 5 * 2**20
"""The largest picture, in characters of base64: vendors refuse larger ones."""
MODEL_PICTURES = 10
"""How many pictures one answer shows."""
MODEL_CHART_POINTS = 100
"""How many points of each chart's data are listed."""
MODEL_CHART_LABELS = 20
"""How many ticks of an axis are listed."""
MODEL_VALUE_CHARS = 500
"""The longest string inside a chart, a label or other JSON."""

MCP_MESSAGE_BYTES = 8 * 2**20
"""A larger file is no resource, and a larger output no structured content: clients refuse such messages."""
MCP_REQUEST_BYTES = 64 * 2**20
"""A file of 48 MB, in base64; the SDK's own 4 MB would refuse what ``upload_file`` is for."""
MCP_QUOTED_CHARS = 100
"""How much of an unknown name an error repeats."""
MCP_CONNECTIONS = 1000
"""How many clients may be connected at once; half of what the process may open, if that is less."""
MCP_WAITING_CONNECTIONS = 1024
"""How many more may wait to be accepted."""
MCP_ACCEPTED_AT_ONCE = 4
"""In one step of the event loop; a step later the connections over ``MCP_CONNECTIONS`` are closed."""
MCP_HEAD_S = 10.0
"""The head of a request has to arrive in this time, before anything of it is looked at."""
MCP_CALLERS = 1000
"""How many callers' clients are kept, each with the toolbox addresses that it knows."""
