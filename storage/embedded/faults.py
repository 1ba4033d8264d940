"""Why the embedded servers could not start, told so that the reader knows what to do.

EmbeddedFailed
├── CannotRun      the server's program is missing or this machine cannot run it
├── DataDirBusy    a living sessiond has the data directory
└── StartFailed    the program ran, and gave up or did not answer in time
"""


class EmbeddedFailed(RuntimeError):
    """Base of every failure to start an embedded server; the text is for the operator."""


class CannotRun(EmbeddedFailed):
    """The program is missing, or the machine lacks something that it needs."""


class DataDirBusy(EmbeddedFailed):
    """Another living process has locked the data directory."""


class StartFailed(EmbeddedFailed):
    """The program started and ended, or did not become ready in time."""
