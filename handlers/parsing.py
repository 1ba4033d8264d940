"""From a request to the fields that its endpoint declared."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Never

import marshmallow
from marshmallow import ValidationError, fields
from tornado.httputil import HTTPServerRequest
from webargs.tornadoparser import TornadoParser

from domain.errors import InvalidInput, MediaTypeRefused, NotFound, TooLarge
from handlers import strict_json
from handlers.schemas.common import first_fault

JSON = re.compile(r"application/([a-z0-9!#$&^_.+-]+\+)?json", re.ASCII)
KEY = re.compile(r"[\x20-\x7e]{1,128}", re.ASCII)
PATH_ARGUMENT_CHARS = 255


class Parser(TornadoParser):
    """webargs, reading JSON our strict way and failing with our errors."""

    DEFAULT_UNKNOWN_BY_LOCATION = {"json": None, "query": None}

    def _raw_load_json(self, req: HTTPServerRequest) -> Any:
        return strict_json.parse(req.body) if req.body else {}

    def load_querystring(self, req: HTTPServerRequest, schema: marshmallow.Schema) -> Any:
        lists = {
            field.data_key or name
            for name, field in schema.fields.items()
            if isinstance(field, fields.List)
        }
        for name, values in req.query_arguments.items():
            if len(values) > 1 and name not in lists:
                raise ValidationError({str(name)[:64]: ["Given more than once."]})
            for value in values:
                _text(value)
        return super().load_querystring(req, schema)

    def handle_error(
        self,
        error: ValidationError,
        req: HTTPServerRequest,
        schema: marshmallow.Schema,
        *,
        error_status_code: int | None,
        error_headers: Mapping[str, str] | None,
    ) -> Never:
        # webargs puts the place in front: {"json": {field: faults}}.
        (faults,) = error.messages_dict.values()
        errors = faults if isinstance(faults, dict) else {"_schema": faults}
        raise InvalidInput(first_fault(errors), errors=errors) from error


def load(parser: Parser, schema: marshmallow.Schema, request: HTTPServerRequest, where: str) -> Any:
    """Return the fields of the body (`json`) or the query (`query`); raises InvalidInput."""
    return parser.parse(schema, request, location=where)


def check_length(request: HTTPServerRequest, most: int | None) -> None:
    """Refuse a body that is longer than this kind of request takes; raises TooLarge.

    Before anybody is asked for, or anything read: what nobody has to log in for must be cheap.
    """
    if most is not None and len(request.body) > most:
        raise TooLarge(f"The body is longer than {most} bytes.")


def require_plain(request: HTTPServerRequest) -> None:
    """Refuse a body that is compressed."""
    if request.headers.get("Content-Encoding", "identity").strip().lower() != "identity":
        raise MediaTypeRefused("Send the body without a Content-Encoding.")


def require_json(request: HTTPServerRequest, also: Sequence[str] = ()) -> None:
    """Refuse a body that is compressed or in any format but JSON in UTF-8.

    `also` are other types under which it may come.
    """
    require_plain(request)
    if not request.body:
        return
    kind, *parameters = request.headers.get("Content-Type", "").lower().split(";")
    if not JSON.fullmatch(kind.strip()) and kind.strip() not in also:
        raise MediaTypeRefused("Send the body as application/json.")
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip() == "charset" and value.strip().strip('"') not in ("utf-8", "utf8"):
            raise MediaTypeRefused("Send the body in UTF-8.")


def idempotency_key(request: HTTPServerRequest) -> str | None:
    """Return the Idempotency-Key header: 1 to 128 printable ASCII characters; raises InvalidInput."""
    keys = request.headers.get_list("Idempotency-Key")
    if not keys:
        return None
    if len(keys) > 1 or not KEY.fullmatch(keys[0]):
        raise InvalidInput("Idempotency-Key: 1 to 128 printable ASCII characters, once.")
    return keys[0]


def check_path(arguments: Mapping[str, str]) -> None:
    """Refuse what cannot be anybody's id before it reaches a store; raises NotFound."""
    for value in arguments.values():
        if not value or len(value) > PATH_ARGUMENT_CHARS or not value.isprintable():
            raise NotFound("There is nothing at this path.")


def _text(value: bytes) -> None:
    try:
        value.decode("utf-8")
    except UnicodeDecodeError as fault:
        raise InvalidInput("The query is not UTF-8.") from fault
