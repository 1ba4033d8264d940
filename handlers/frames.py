"""What to do with each type of frame that a client may send."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import marshmallow

from domain.commands import (
    Act,
    Blur,
    Cancel,
    Command,
    Distract,
    Focus,
    PauseCommand,
    Resume,
    Touch,
)
from domain.errors import Forbidden, InvalidInput, NotAuthenticated, NotFound
from handlers import strict_json
from handlers.conflicts import shown_conflicts
from handlers.schemas import frames as schemas
from handlers.schemas.common import checked
from realtime import wire
from realtime.answers import CommandRequest, Result
from realtime.connection import CloseCode
from realtime.ticker import steps
from realtime.views import View, session_view
from realtime.xp import StartXp

if TYPE_CHECKING:
    from handlers.live import LiveHandler

Fields = Mapping[str, Any]
Ref = str | int | None


@dataclass(frozen=True, slots=True)
class FrameType:
    """How a type of frame is read and what is done about it."""

    schema: marshmallow.Schema
    act: "Callable[[LiveHandler, Fields, int], Awaitable[None]]"
    before_auth: bool = False


@dataclass(frozen=True, slots=True)
class Request:
    """A frame that was found good, received at that instant (ms)."""

    type: str
    fields: Fields
    ref: Ref
    received: int


def said(message: str | bytes) -> Any:
    """The JSON value in a frame. Raises InvalidInput."""
    if isinstance(message, bytes):
        raise InvalidInput("Send text frames.")
    return strict_json.parse(message.encode())


def parse(message: str | bytes) -> dict[str, Any]:
    """The JSON object in a frame. Raises InvalidInput."""
    frame = said(message)
    if not isinstance(frame, dict):
        raise InvalidInput("A frame is a JSON object.")
    return frame


def ref_of(frame: Mapping[str, Any]) -> Ref:
    """What the client calls its frame, if that is fit to be sent back."""
    ref = frame.get("ref")
    return ref if schemas.is_ref(ref) else None


def read(frame: Mapping[str, Any], ref: Ref, received: int) -> Request:
    """Check a frame against the schema of its type. Raises InvalidInput."""
    name = frame.get("type")
    kind = TYPES.get(name) if isinstance(name, str) else None
    if kind is None:
        raise InvalidInput("There is no such type of frame.", {"type": ["Unknown."]})
    return Request(str(name), checked(kind.schema, frame), ref, received)


async def handle(handler: "LiveHandler", request: Request) -> None:
    """Act on one frame. Raises what the client is to be told."""
    kind = TYPES[request.type]
    if handler.connection is None:
        if not kind.before_auth:
            raise NotAuthenticated('Send {"type":"auth","token":…} first.')
    elif handler.services.tokens.is_revoked(handler.connection.caller):
        # The word of it may have been lost on its way to this node.
        handler.close(CloseCode.REVOKED, "revoked")
        return
    await kind.act(handler, request.fields, request.received)


async def _auth(handler: "LiveHandler", fields: Fields, _received: int) -> None:
    if handler.connection is not None:
        raise InvalidInput("This socket is authenticated already; use refresh.")
    await handler.admit(fields["token"])


async def _refresh(handler: "LiveHandler", fields: Fields, _received: int) -> None:
    await handler.renew(fields["token"])
    assert handler.connection is not None
    left_ms = handler.connection.caller.expires_at_ms - handler.services.clock()
    handler.connection.send(
        wire.message("ack", ref=fields.get("ref"), token_expires_in_s=max(0, left_ms // 1000))
    )


async def _ping(handler: "LiveHandler", fields: Fields, received: int) -> None:
    assert handler.connection is not None
    handler.connection.send(
        wire.message(
            "pong",
            ref=fields.get("ref"),
            t0=fields.get("t0"),
            t1=received,
            t2=handler.services.clock(),
        )
    )


async def _subscribe(handler: "LiveHandler", fields: Fields, _received: int) -> None:
    assert handler.connection is not None
    await handler.services.following.subscribe(
        handler.connection,
        _session_of(handler, fields),
        epoch=fields.get("epoch"),
        last_rev=fields.get("last_rev"),
        ref=fields.get("ref"),
    )


async def _tick(handler: "LiveHandler", fields: Fields, _received: int) -> None:
    assert handler.connection is not None
    handler.services.hub.pace(handler.connection, steps(fields["seconds"]))
    handler.connection.send(wire.message("ack", ref=fields.get("ref"), tick_s=fields["seconds"]))


async def _watch(handler: "LiveHandler", fields: Fields, _received: int) -> None:
    assert handler.connection is not None
    if not handler.connection.caller.is_admin:
        raise Forbidden("This needs the role admin.")
    handler.services.hub.watch(handler.connection)
    handler.connection.send(wire.message("ack", ref=fields.get("ref"), list=fields["list"]))


async def _unwatch(handler: "LiveHandler", fields: Fields, _received: int) -> None:
    assert handler.connection is not None
    handler.services.hub.unwatch(handler.connection)
    handler.connection.send(wire.message("ack", ref=fields.get("ref"), list=fields["list"]))


async def _start(handler: "LiveHandler", fields: Fields, _received: int) -> None:
    assert handler.connection is not None
    planned_s = fields.get("planned_duration_seconds")
    request = StartXp(
        goal_id=fields["goal_id"],
        activity_id=fields["activity_id"],
        session_id=fields.get("session_id"),
        planned_ms=None if planned_s is None else planned_s * 1000,
        device_platform=fields.get("device_platform"),
    )
    with shown_conflicts(handler.services.clock):
        result = await handler.services.xp.start(
            handler.connection.caller, request, fields.get("cmd_id")
        )
    _acknowledge(handler, fields, result)


async def _complete(handler: "LiveHandler", fields: Fields, _received: int) -> None:
    assert handler.connection is not None
    services, caller = handler.services, handler.connection.caller
    session_id = _session_of(handler, fields)
    with shown_conflicts(services.clock):
        try:
            result, persisted = await services.xp.complete(
                caller,
                session_id,
                command_id=fields.get("cmd_id"),
                if_rev=fields.get("if_rev"),
            )
        except NotFound:
            view = await services.xp.past(caller.user_id, session_id)
            _tell(handler, fields, view, event=None, repeated=True, persisted=True)
            return
    _acknowledge(handler, fields, result, persisted=persisted)


def _command(
    make: Callable[[Fields], Command],
) -> "Callable[[LiveHandler, Fields, int], Awaitable[None]]":
    async def act(handler: "LiveHandler", fields: Fields, _received: int) -> None:
        assert handler.connection is not None
        with shown_conflicts(handler.services.clock):
            result = await handler.services.engine.execute(
                handler.connection.caller.user_id,
                _session_of(handler, fields),
                make(fields),
                command_id=fields.get("cmd_id"),
                if_rev=fields.get("if_rev"),
            )
        _acknowledge(handler, fields, result)

    return act


async def _activity(handler: "LiveHandler", fields: Fields, _received: int) -> None:
    assert handler.connection is not None
    activity = Act(fields["activity_type"], fields.get("response_ms"))
    request = CommandRequest(activity, fields.get("cmd_id"), fields.get("if_rev"))
    with shown_conflicts(handler.services.clock):
        result = await handler.services.customers.act(
            handler.connection.caller.user_id, _session_of(handler, fields), request
        )
    _acknowledge(handler, fields, result)


def _session_of(handler: "LiveHandler", fields: Fields) -> str:
    session_id = fields.get("id") or handler.session_id
    if session_id is None:
        raise InvalidInput("Name the session.", {"id": ["Missing data for required field."]})
    return str(session_id)


def _acknowledge(handler: "LiveHandler", fields: Fields, result: Result, **more: Any) -> None:
    view = session_view(result.session, result.now)
    _tell(handler, fields, view, event=result.event, repeated=result.repeated, **more)


def _tell(handler: "LiveHandler", fields: Fields, view: View, **more: Any) -> None:
    if handler.connection is not None:
        asked = {"ref": fields.get("ref"), "cmd_id": fields.get("cmd_id")}
        about = {"id": view["id"], "rev": view["rev"], "state": view}
        handler.connection.send(wire.message("ack", **asked, **about, **more))


TYPES: Mapping[str, FrameType] = {
    "auth": FrameType(schemas.Auth(), _auth, before_auth=True),
    "refresh": FrameType(schemas.Refresh(), _refresh),
    "ping": FrameType(schemas.Ping(), _ping),
    "subscribe": FrameType(schemas.Subscribe(), _subscribe),
    "tick_every": FrameType(schemas.TickEvery(), _tick),
    "watch": FrameType(schemas.Watch(), _watch),
    "unwatch": FrameType(schemas.Watch(), _unwatch),
    "start": FrameType(schemas.Start(), _start),
    "complete": FrameType(schemas.Plain(), _complete),
    "pause": FrameType(schemas.Plain(), _command(lambda _: PauseCommand())),
    "resume": FrameType(schemas.Plain(), _command(lambda _: Resume())),
    "focus": FrameType(schemas.Plain(), _command(lambda _: Focus())),
    "blur": FrameType(schemas.Plain(), _command(lambda _: Blur())),
    "cancel": FrameType(schemas.Plain(), _command(lambda _: Cancel())),
    "touch": FrameType(schemas.Plain(), _command(lambda _: Touch())),
    "distraction": FrameType(
        schemas.Distraction(), _command(lambda fields: Distract(fields["note"]))
    ),
    "activity": FrameType(schemas.Activity(), _activity),
}
