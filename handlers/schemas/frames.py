"""What clients may send over a socket, one schema for each type of frame."""

from typing import TypeGuard

from marshmallow import fields, validate

from handlers.schemas.common import Schema, Seconds, StrictInt, Text, Uuid
from handlers.schemas.customer import ACTIVITIES, RESPONSE_MAX_S
from handlers.schemas.sessions import DAY_S, SessionId
from realtime.hub import WATCHED

TOKEN_CHARS = 8192
REF_CHARS = 64
LATEST_MS = 4_102_444_800_000
TICK_MIN_S, TICK_MAX_S = 0.2, 60.0


def is_ref(value: object) -> TypeGuard[str | int]:
    """Whether this may be the name of a frame."""
    named = isinstance(value, str | int) and not isinstance(value, bool)
    return named and len(str(value)) <= REF_CHARS


class Ref(fields.Field[str | int]):
    """Whatever the client calls its frame, to be named in the answer: text or a number."""

    def _deserialize(self, value: object, *_: object, **__: object) -> str | int:
        if not is_ref(value):
            raise self.make_error("invalid")
        return value

    default_error_messages = {"invalid": "Text or an integer of at most 64 characters."}


class Frame(Schema):
    """What every frame has."""

    type = fields.String(required=True)
    ref = Ref()


class Auth(Frame):
    """The first frame of a socket that brought no token otherwise."""

    token = Text(required=True, min=1, max=TOKEN_CHARS)


class Refresh(Frame):
    """A newer token of the same user."""

    token = Text(required=True, min=1, max=TOKEN_CHARS)


class Ping(Frame):
    """A question for the server's time; `t0` is the client's."""

    t0 = StrictInt(minimum=0, maximum=LATEST_MS)


class Subscribe(Frame):
    """A wish to follow a session, with proof of what was seen of it."""

    id = SessionId()
    epoch = Text(max=64)
    last_rev = StrictInt(minimum=0)


class TickEvery(Frame):
    """How often this socket shall be sent ticks."""

    seconds = Seconds(required=True, validate=validate.Range(TICK_MIN_S, TICK_MAX_S))


class Watch(Frame):
    """What an operator wants to see all changes of."""

    list = Text(required=True, max=30, validate=validate.OneOf((WATCHED,)))


class Plain(Frame):
    """A command without details."""

    id = SessionId()
    cmd_id = Text(min=1, max=128)
    if_rev = StrictInt(minimum=1)


class Distraction(Plain):
    """A distraction, and what it was."""

    note = Text(max=500, multiline=True, load_default="")


class Activity(Plain):
    """Something a customer did in a chat."""

    activity_type = Text(required=True, max=30, validate=validate.OneOf(ACTIVITIES))
    response_ms = StrictInt(minimum=0, maximum=1000 * RESPONSE_MAX_S)


class Start(Frame):
    """A session to start."""

    session_id = SessionId()
    cmd_id = Text(min=1, max=128)
    goal_id = Uuid(required=True)
    activity_id = Uuid(required=True)
    planned_duration_seconds = StrictInt(minimum=1, maximum=DAY_S)
    device_platform = Text(min=1, max=10)
