"""Conflicts answer with the current state, in the form in which clients know it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from domain.custom_programs import CustomProgram
from domain.errors import Conflict
from domain.session import Session
from handlers.schemas.custom_programs import custom_program_view
from realtime.views import session_view


@contextmanager
def shown_conflicts(clock: Callable[[], int]) -> Iterator[None]:
    """Lay out the session or program that a conflict carries."""
    try:
        yield
    except Conflict as conflict:
        if isinstance(conflict.state, Session):
            conflict.state = session_view(conflict.state, clock())
        elif isinstance(conflict.state, CustomProgram):
            conflict.state = custom_program_view(conflict.state)
        raise
