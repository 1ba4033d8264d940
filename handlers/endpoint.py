"""One decorator that says what an endpoint takes, gives and asks of its caller."""

import functools
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, cast

import marshmallow

from domain.access import Access, admits, guest, roles_for
from domain.errors import Forbidden, InvalidInput, NotAuthenticated
from handlers import parsing
from handlers.base import ApiHandler, encoded
from handlers.schemas.common import Empty
from handlers.streaming import Stream, StreamHandler

Method = Callable[..., Awaitable[object]]
Handled = Callable[..., Awaitable[None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Declaration:
    """What an endpoint promises; the same object checks requests and makes the OpenAPI document."""

    summary: str
    body: type[marshmallow.Schema] | None
    query: type[marshmallow.Schema] | None
    returns: type[marshmallow.Schema] | None
    many: bool
    keyed: bool
    access: Access
    status: int
    statuses: Mapping[int, str]


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer that differs from the declared one; `value` of bytes is sent as it is."""

    value: object
    status: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


def endpoint(  # noqa: PLR0913 - a declaration, by keyword only
    *,
    summary: str,
    body: type[marshmallow.Schema] | None = None,
    query: type[marshmallow.Schema] | None = None,
    returns: type[marshmallow.Schema] | None = None,
    many: bool = False,
    keyed: bool = False,
    access: Access = "user",
    status: int = HTTPStatus.OK,
    statuses: Mapping[int, str] | None = None,
) -> Callable[[Method], Handled]:
    """Wrap a handler method: path, query and body fields arrive as keyword-only arguments.

    Without `body` (or `query`) anything sent there is refused. `access` is checked before
    anything is read; `self.caller` is there unless it is "public". `many` is for a bare list of
    what it returns. `keyed` promises that a repeat under the same Idempotency-Key changes nothing.
    """
    declaration = Declaration(
        summary=summary,
        body=body,
        query=query,
        returns=returns,
        many=many,
        keyed=keyed,
        access=access,
        status=int(status),
        statuses=dict(statuses or {}),
    )
    parser = parsing.Parser()
    takes_body, takes_query = (body or Empty)(), (query or Empty)()
    gives = returns(many=many) if returns else None

    def wrap(method: Method) -> Handled:
        @functools.wraps(method)
        async def handled(self: ApiHandler, **path: str) -> None:
            parsing.check_length(self.request, self.body_max_bytes)
            await _admit(self, declaration.access)
            parsing.check_path(path)
            parsing.require_json(self.request, self.also_reads)
            try:
                self.idempotency_key = parsing.idempotency_key(self.request)
                asked = parsing.load(parser, takes_query, self.request, "query")
                told = parsing.load(parser, takes_body, self.request, "json")
            except InvalidInput as fault:
                raise self.invalid(fault) from fault
            result = await method(self, **path, **asked, **told)
            if isinstance(result, Stream):
                await cast(StreamHandler, self).send(result)
                return
            _answer(self, result, gives, declaration.status)

        cast(Any, handled).declaration = declaration
        return handled

    return wrap


def declaration_of(method: object) -> Declaration | None:
    """Return the declaration of a handler's method, if it carries one."""
    found = getattr(method, "declaration", None)
    return found if isinstance(found, Declaration) else None


async def _admit(handler: ApiHandler, access: Access) -> None:
    if access == "public":
        return
    if access == "guest" and handler.credential() is None:
        await _admit_guest(handler)
        return
    handler.caller = await handler.authenticate()
    if handler.limited:
        await handler.services.limiter.check_user(handler.caller.user_id)
    if not admits(access, handler.caller.roles):
        raise Forbidden(f"This needs the role {roles_for(access)}.")
    await handler.services.provisioner.ensure(handler.caller)


async def _admit_guest(handler: ApiHandler) -> None:
    """Let in somebody without a token: all of them are one user, but limited each by address."""
    if not handler.services.settings.guests:
        raise NotAuthenticated("Send `Authorization: Bearer <token>`.")
    await handler.services.limiter.check_guest(str(handler.request.remote_ip))
    handler.caller = guest(handler.services.clock())
    await handler.services.provisioner.ensure(handler.caller)


def _answer(
    handler: ApiHandler, result: object, schema: marshmallow.Schema | None, status: int
) -> None:
    reply = result if isinstance(result, Reply) else Reply(result)
    handler.set_status(int(reply.status or status))
    for name, text in reply.headers.items():
        handler.set_header(name, text)
    if reply.value is None:
        handler.clear_header("Content-Type")
    elif isinstance(reply.value, bytes):
        handler.write(reply.value)
    else:
        value = reply.value if schema is None else schema.dump(reply.value)
        handler.set_header("Content-Type", "application/json")
        handler.write(encoded(value))
