"""Domain errors as HTTP problems (RFC 9457): the only place that knows a status."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from http import HTTPStatus

from tornado.web import HTTPError

from domain.errors import (
    AlreadyActive,
    Conflict,
    Forbidden,
    IdTaken,
    InvalidInput,
    KeyReused,
    MediaTypeRefused,
    MethodNotAllowed,
    NoRoom,
    NotAuthenticated,
    NotFound,
    OutOfRange,
    RuleViolated,
    SessionError,
    SessionRunning,
    TooLarge,
    TooMany,
    Unavailable,
    Unprocessable,
    WrongState,
)

PROBLEM_TYPE = "application/problem+json"
INTERNAL = "internal_error"
STATUS: Mapping[type[SessionError], int] = {
    SessionError: 500,
    InvalidInput: 400,
    Unprocessable: 422,
    RuleViolated: 400,
    MediaTypeRefused: 415,
    TooLarge: 413,
    NotAuthenticated: 401,
    Forbidden: 403,
    NotFound: 404,
    MethodNotAllowed: 405,
    Conflict: 409,
    OutOfRange: 416,
    KeyReused: 422,
    TooMany: 429,
    Unavailable: 503,
    NoRoom: 507,
}
ADVICE: Mapping[type[SessionError], str] = {
    InvalidInput: "Correct the fields named in `errors`; do not repeat it unchanged.",
    Unprocessable: "Correct the fields named in `errors`; do not repeat it unchanged.",
    RuleViolated: "Look at `reason`: wait, or leave it; the session tells when and what it takes.",
    SessionRunning: "Go on with the session in `state`, or end it first.",
    MediaTypeRefused: "Send `Content-Type: application/json` in UTF-8, not compressed.",
    TooLarge: "Send less.",
    NotAuthenticated: "Log in or refresh the token, then repeat the request.",
    Forbidden: "Do not repeat it; ask for the role that is needed.",
    NotFound: "Check the path and the id; it may have been removed.",
    MethodNotAllowed: "Use one of the methods in the `Allow` header.",
    Conflict: "Take the present state from `state`, decide again, and repeat if it still applies.",
    WrongState: "Take the present state from `state`; the command does not apply to it.",
    AlreadyActive: "Go on with the session in `state`, or end it first.",
    IdTaken: "Choose another id, or leave it out.",
    OutOfRange: "Ask for a part within `size_bytes`, or for the whole.",
    KeyReused: "Use a new key for a new request.",
    TooMany: "Wait for the seconds in `Retry-After`, then repeat it.",
    NoRoom: "Try again later; an operator has to make room.",
    Unavailable: "Wait for the seconds in `Retry-After`, then repeat it with the same key.",
}
TORNADO: Mapping[int, type[SessionError]] = {
    400: InvalidInput,
    401: NotAuthenticated,
    403: Forbidden,
    404: NotFound,
    405: MethodNotAllowed,
    413: TooLarge,
    415: MediaTypeRefused,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One row of the catalogue of errors."""

    code: str
    status: int
    title: str
    meaning: str
    advice: str
    retryable: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """What is sent for an error: status, members of the body, further headers."""

    status: int
    body: Mapping[str, object]
    headers: Mapping[str, str]


def status_of(kind: type[SessionError]) -> int:
    """Return the HTTP status of the nearest ancestor that has one."""
    return next(STATUS[cls] for cls in kind.__mro__ if cls in STATUS)


def problem(error: BaseException | None, *, request_id: str, status: int = 500) -> Problem:
    """Describe any failure to the caller; what is not ours stays untold."""
    told = _told(error, status)
    if told is None:
        return _internal(request_id)
    code = status_of(type(told))
    body = {
        **told.extra,
        "type": type_uri(told.code),
        "title": told.title,
        "status": code,
        "detail": told.detail,
        "code": told.code,
        "retryable": told.retryable,
        "request_id": request_id,
    }
    if isinstance(told, InvalidInput) and told.errors:
        body["errors"] = told.errors
    if isinstance(told, Conflict) and told.state is not None:
        body["state"] = told.state
    return Problem(status=code, body=body, headers=_headers(told))


def type_uri(code: str) -> str:
    """Where the catalogue explains `code`."""
    return f"/api/errors#{code}"


def catalogue() -> tuple[Entry, ...]:
    """Return a row for every code there is, by status, then by code."""
    # A class without a code of its own is its parent, to a caller.
    rows = [_entry(kind) for kind in _below(SessionError) if "code" in vars(kind)]
    internal = _internal("")
    rows.append(
        Entry(
            code=INTERNAL,
            status=500,
            title=str(internal.body["title"]),
            meaning="A fault of ours; it is in the log under `request_id`.",
            advice="Repeat it later; report the `request_id` if it stays.",
            retryable=False,
        )
    )
    return tuple(sorted(rows, key=lambda row: (row.status, row.code)))


def _told(error: BaseException | None, status: int) -> SessionError | None:
    if isinstance(error, SessionError):
        return error if type(error) is not SessionError else None
    status = error.status_code if isinstance(error, HTTPError) else status
    kind = TORNADO.get(status)
    if kind is None and HTTPStatus.BAD_REQUEST <= status < HTTPStatus.INTERNAL_SERVER_ERROR:
        kind = InvalidInput
    return None if kind is None else kind(f"{HTTPStatus(status).phrase}.")


def _internal(request_id: str) -> Problem:
    body = {
        "type": type_uri(INTERNAL),
        "title": SessionError.title,
        "status": 500,
        "detail": "The server failed; the request may or may not have had an effect.",
        "code": INTERNAL,
        "retryable": False,
        "request_id": request_id,
    }
    return Problem(status=500, body=body, headers={})


def _headers(error: SessionError) -> Mapping[str, str]:
    if isinstance(error, NotAuthenticated):
        return {"WWW-Authenticate": 'Bearer realm="sessiond"'}
    if isinstance(error, OutOfRange):
        return {"Content-Range": f"bytes */{error.size_bytes}"}
    if isinstance(error, TooMany | Unavailable):
        return {"Retry-After": str(max(1, error.retry_after_s))}
    return {}


def _below(kind: type[SessionError]) -> Iterator[type[SessionError]]:
    for child in kind.__subclasses__():
        yield child
        yield from _below(child)


def _entry(kind: type[SessionError]) -> Entry:
    advice = next(ADVICE[cls] for cls in kind.__mro__ if cls in ADVICE)
    meaning = (kind.__doc__ or kind.title).strip().splitlines()[0]
    return Entry(
        code=kind.code,
        status=status_of(kind),
        title=kind.title,
        meaning=meaning,
        advice=advice,
        retryable=kind.retryable,
    )
