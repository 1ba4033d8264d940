"""Everything a caller can do wrong, or meet at a bad moment.

    SessionError
    ├── InvalidInput          the request cannot be understood
    │   ├── SessionRunning    a focus session is running already
    │   ├── Unprocessable     the same, in a family whose contract has 422 for it
    │   ├── MediaTypeRefused  it is not in a format we read
    │   └── TooLarge          it is longer than we read
    ├── RuleViolated          understood, but a rule of the thing forbids it
    ├── NotAuthenticated      nobody we know is asking
    ├── Forbidden             known, but not allowed
    ├── NotFound              no such thing, or none the caller may see
    ├── MethodNotAllowed      the thing is there, the verb is not
    ├── Conflict              the thing has moved on; carries its current state
    │   ├── WrongState        the rule does not hold in the present state
    │   ├── AlreadyActive     a session of this kind is running
    │   └── IdTaken           the identifier belongs to something else
    ├── KeyReused             an idempotency key came back with another request
    ├── TooMany               slow down
    ├── OutOfRange            a part was asked for that the thing does not have
    ├── NoRoom                there is no room to store what was sent
    └── Unavailable           a store is out of reach; the same request may succeed later
        └── Contended         too many changed the same thing at once

Each class has one code; a code never changes its meaning. HTTP statuses and
close codes are the edge's business and are mapped there.
"""

from collections.abc import Mapping
from typing import ClassVar


class SessionError(Exception):
    """Base of everything a caller may be told. `detail` is written for that caller."""

    code: ClassVar[str] = "error"
    title: ClassVar[str] = "Something went wrong"
    retryable: ClassVar[bool] = False

    def __init__(self, detail: str, **extra: object) -> None:
        """`extra` travels to the caller as further members of the problem document."""
        super().__init__(detail)
        self.detail = detail
        self.extra: Mapping[str, object] = extra


class InvalidInput(SessionError):
    """The request cannot be understood; `errors` maps each field to its faults."""

    code = "invalid_input"
    title = "The request is not valid"

    def __init__(
        self, detail: str, errors: Mapping[str, object] | None = None, **extra: object
    ) -> None:
        super().__init__(detail, **extra)
        self.errors = errors or {}


class SessionRunning(InvalidInput):
    """The user has a running focus session; its contract makes that a fault of the request."""

    code = "session_running"
    title = "A focus session is already active"


class Unprocessable(InvalidInput):
    """The request is not valid, in a family whose contract says so with 422."""

    code = "unprocessable"


class RuleViolated(SessionError):
    """A rule forbids this now; `reason` names the rule."""

    code = "rule_violated"
    title = "A rule forbids this"


class MediaTypeRefused(InvalidInput):
    """The body is not in a format we read."""

    code = "unsupported_media_type"
    title = "The body is not JSON"


class TooLarge(InvalidInput):
    """The body or frame is longer than we read."""

    code = "too_large"
    title = "The request is too large"


class NotAuthenticated(SessionError):
    """Nobody we know is asking."""

    code = "not_authenticated"
    title = "Authentication is required"


class Forbidden(SessionError):
    """The caller is known and may not do this."""

    code = "forbidden"
    title = "This is not allowed"


class NotFound(SessionError):
    """There is no such thing, or none that the caller may see."""

    code = "not_found"
    title = "Not found"


class MethodNotAllowed(SessionError):
    """The path exists, the method does not."""

    code = "method_not_allowed"
    title = "This method is not supported here"


class Conflict(SessionError):
    """The thing has moved on since the caller looked; `state` is how it is now."""

    code = "conflict"
    title = "The resource has changed"

    def __init__(self, detail: str, state: object = None, **extra: object) -> None:
        super().__init__(detail, **extra)
        self.state = state


class WrongState(Conflict):
    """The command makes no sense in the present state."""

    code = "wrong_state"
    title = "Not possible in the present state"


class AlreadyActive(Conflict):
    """The user has a running session of this kind."""

    code = "already_active"
    title = "A session is already active"


class IdTaken(Conflict):
    """The identifier already belongs to something else."""

    code = "id_taken"
    title = "This id is taken"


class KeyReused(SessionError):
    """An idempotency key or command id came back with another request."""

    code = "idempotency_key_reused"
    title = "This key was used for another request"


class TooMany(SessionError):
    """The caller is too fast; it may try again after `retry_after_s` seconds."""

    code = "too_many_requests"
    title = "Too many requests"
    retryable = True

    def __init__(self, detail: str, retry_after_s: int = 1, **extra: object) -> None:
        super().__init__(detail, **extra)
        self.retry_after_s = retry_after_s


class OutOfRange(SessionError):
    """A part was asked for that the thing, of `size_bytes`, does not have."""

    code = "range_not_satisfiable"
    title = "There is no such part"

    def __init__(self, size_bytes: int) -> None:
        super().__init__(f"It has {size_bytes} bytes.", size_bytes=size_bytes)
        self.size_bytes = size_bytes


class NoRoom(SessionError):
    """The disk is too full to store what was sent; nothing of it was kept."""

    code = "insufficient_storage"
    title = "There is no room for this"
    retryable = True


class Unavailable(SessionError):
    """A store is out of reach or the node is stopping; try again after `retry_after_s` seconds."""

    code = "unavailable"
    title = "Temporarily unavailable"
    retryable = True

    def __init__(self, detail: str, retry_after_s: int = 2, **extra: object) -> None:
        super().__init__(detail, **extra)
        self.retry_after_s = retry_after_s

    @property
    def reason(self) -> str:
        """What an operator wants to know; callers are only told `detail`."""
        return f"{self.detail} ({reason_of(self.__cause__)})" if self.__cause__ else self.detail


class Contended(Unavailable):
    """Too many changed the same thing at once for one of them to get through."""

    def __init__(self) -> None:
        super().__init__("too many changes at once; try again", retry_after_s=1)


def reason_of(error: BaseException) -> str:
    """What an operator wants to know of any error; the repr of some libraries' says nothing."""
    if isinstance(error, Unavailable):
        return error.reason
    return f"{type(error).__name__}: {error}"
