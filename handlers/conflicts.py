"""Conflicts answer with the current state, in the form in which clients know it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from domain.errors import Conflict
from domain.session import Session
from realtime.views import session_view


@contextmanager
def shown_conflicts(clock: Callable[[], int]) -> Iterator[None]:
    """Lay out the session that a conflict carries."""
    try:
        yield
    except Conflict as conflict:
        if isinstance(conflict.state, Session):
            conflict.state = session_view(conflict.state, clock())
        raise
