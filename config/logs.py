"""Logging: everything through structlog on one handler, Tornado's loggers included."""

import logging
import sys
from collections.abc import MutableMapping, Sequence
from typing import Any, TextIO

import structlog
from structlog.typing import Processor

VALUE_CHARS = 200
TRACEBACK_CHARS = 20_000
LONG_KEYS = frozenset({"exception", "stack"})
CONTROLS = {code: f"\\x{code:02x}" for code in (*range(32), 127, *range(128, 160))}
CONTROLS |= {0x2028: "\\u2028", 0x2029: "\\u2029"}


def configure(level: str, style: str, *, stream: TextIO | None = None) -> None:
    """Set up logging for the process; `style` is "json" or "console", `stream` stderr."""
    shared = _shared()
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(foreign_pre_chain=shared, processors=_last(style))
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    logging.captureWarnings(capture=True)
    for name in ("pymongo", "asyncio"):
        logging.getLogger(name).setLevel(max(root.level, logging.INFO))
    # It warns of each orderly stop, and its errors show whole ids, which are secrets.
    logging.getLogger("saq").setLevel(logging.CRITICAL)


def _shared() -> list[Processor]:
    return [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
    ]


def _last(style: str) -> Sequence[Processor]:
    renderer: Processor = (
        structlog.processors.JSONRenderer()
        if style == "json"
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    )
    return [
        structlog.stdlib.ProcessorFormatter.remove_processors_meta,
        structlog.processors.format_exc_info,
        tame,
        renderer,
    ]


def tame(_: object, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Cut long values and escape control characters: a caller must not forge a log line."""
    for key, value in event.items():
        if isinstance(value, bool | int | float) or value is None:
            continue
        text = value if isinstance(value, str) else repr(value)
        if key in LONG_KEYS:
            event[key] = text[-TRACEBACK_CHARS:]
        else:
            event[key] = _cut(text).translate(CONTROLS)
    return event


def _cut(text: str) -> str:
    return text if len(text) <= VALUE_CHARS else text[: VALUE_CHARS - 1] + "…"
