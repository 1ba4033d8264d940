"""One decorator that says what an endpoint takes, gives and asks of its caller."""

import functools
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, cast

import marshmallow

from domain.access import Access
from domain.errors import InvalidInput
from handlers import parsing
from handlers.admission import admit
from handlers.base import ApiHandler, encoded
from handlers.schemas.common import Empty, checked
from handlers.streaming import Stream, StreamHandler

Method = Callable[..., Awaitable[object]]
Handled = Callable[..., Awaitable[None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Declaration:
    """What an endpoint promises; the same object checks requests and makes the OpenAPI document."""

    summary: str
    body: type[marshmallow.Schema] | None
    form: type[marshmallow.Schema] | None
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
    form: type[marshmallow.Schema] | None = None,
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
    what it returns. `form` is the same body as multipart/form-data. `keyed` promises that a
    repeat under the same Idempotency-Key changes nothing.
    """
    declaration = Declaration(
        summary=summary,
        body=body,
        form=form,
        query=query,
        returns=returns,
        many=many,
        keyed=keyed,
        access=access,
        status=int(status),
        statuses=dict(statuses or {}),
    )
    takes = _Takes(declaration)
    gives = returns(many=many) if returns else None

    def wrap(method: Method) -> Handled:
        @functools.wraps(method)
        async def handled(self: ApiHandler, **path: str) -> None:
            parsing.check_length(self.request, self.body_max_bytes)
            await admit(self, declaration.access)
            parsing.check_path(path)
            result = await method(self, **path, **takes.read(self))
            if isinstance(result, Stream):
                await cast(StreamHandler, self).send(result)
                return
            _answer(self, result, gives, declaration.status)

        cast(Any, handled).declaration = declaration
        return handled

    return wrap


class _Takes:
    """What an endpoint reads of a request, by its declaration."""

    def __init__(self, declared: Declaration) -> None:
        self._parser = parsing.Parser()
        self._body = (declared.body or Empty)()
        self._form = (declared.form or Empty)()
        self._query = (declared.query or Empty)()

    def read(self, handler: ApiHandler) -> dict[str, Any]:
        """The fields of query and body. Raises InvalidInput in the words of the family."""
        request, sent = handler.request, handler.form_fields()
        if sent is None:
            parsing.require_json(request, handler.also_reads)
        try:
            handler.idempotency_key = parsing.idempotency_key(request)
            asked = parsing.load(self._parser, self._query, request, "query")
            if sent is None:
                told = parsing.load(self._parser, self._body, request, "json")
            else:
                told = checked(self._form, sent)
        except InvalidInput as fault:
            raise handler.invalid(fault) from fault
        return {**asked, **told}


def declaration_of(method: object) -> Declaration | None:
    """Return the declaration of a handler's method, if it carries one."""
    found = getattr(method, "declaration", None)
    return found if isinstance(found, Declaration) else None


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
