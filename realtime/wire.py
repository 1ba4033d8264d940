"""Server frames: JSON text, and the WebSocket framing around it.

A frame is built once and handed to every socket it concerns.
"""

from typing import Any, Final

from domain.session import Session, progress
from storage.redis.codec import compact

PROTOCOL: Final = "sessiond.v1"
_TEXT: Final = 0x81
_SHORT: Final = 126
_MEDIUM: Final = 65_536

_TICK: Final = (
    '{"type":"tick","id":"%s","rev":%d,"at":%d,"status":"%s","focused":%s,'
    '"elapsed_ms":%d,"focused_ms":%d,"remaining_ms":%s,"xp_total":%d,"xp_physique":%d,'
    '"xp_energy":%d,"xp_logic":%d,"xp_creativity":%d,"xp_social":%d}'
)


def framed(text: str) -> bytes:
    """The text as one unmasked WebSocket text frame."""
    payload = text.encode()
    size = len(payload)
    if size < _SHORT:
        return bytes((_TEXT, size)) + payload
    if size < _MEDIUM:
        return bytes((_TEXT, 126)) + size.to_bytes(2, "big") + payload
    return bytes((_TEXT, 127)) + size.to_bytes(8, "big") + payload


def message(kind: str, **members: Any) -> bytes:
    """A frame of the given type."""
    return framed(compact({"type": kind, **members}))


def tick(session: Session, now: int) -> bytes:
    """What the session amounts to at `now`. Session ids need no escaping."""
    at = progress(session, now)
    xp = at.xp
    return framed(
        _TICK
        % (
            session.id,
            session.rev,
            now,
            session.status,
            "true" if session.focused else "false",
            at.elapsed_ms,
            at.focused_ms,
            "null" if at.remaining_ms is None else at.remaining_ms,
            xp.total,
            xp.physique,
            xp.energy,
            xp.logic,
            xp.creativity,
            xp.social,
        )
    )
