"""A circuit breaker: who has failed often in a row is left alone for a while."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final, Literal

State = Literal["closed", "half_open", "open"]
FAILURES: Final = 5
OPEN_MS: Final = 30_000


class CircuitOpen(Exception):
    """It is not the time to try."""


class Breaker:
    """Closed it lets everything through, open nothing, half open one probe."""

    def __init__(
        self,
        clock: Callable[[], int],
        changed: Callable[[State], None],
        tells: Callable[[Exception], bool | None],
        *,
        failures: int = FAILURES,
        open_ms: int = OPEN_MS,
    ) -> None:
        """Take a clock of ms, whom to tell of each change, and what an exception tells.

        True means that whoever was asked is well, False that they failed, None neither.
        `failures` in a row open it; after `open_ms` one probe decides.
        """
        self._clock = clock
        self._changed = changed
        self._tells = tells
        self._limit = failures
        self._open_ms = open_ms
        self._failed = 0
        self._opened_at = 0
        self._probing = False
        self._life = 0
        self.state: State = "closed"

    @contextmanager
    def attempt(self) -> Iterator[None]:
        """Make one attempt; a cancellation tells nothing of whoever was asked.

        Raises CircuitOpen instead of making it.
        """
        life = self._admit()
        try:
            yield
        except Exception as error:
            self._settle(life, well=self._tells(error))
            raise
        except BaseException:
            self._settle(life, well=None)
            raise
        self._settle(life, well=True)

    def _admit(self) -> int:
        if self.state == "open" and self._clock() - self._opened_at >= self._open_ms:
            self._become("half_open")
        if self.state == "open" or self._probing:
            raise CircuitOpen
        self._probing = self.state == "half_open"
        return self._life

    def _settle(self, life: int, *, well: bool | None) -> None:
        # What was begun before the last change tells of how it was then.
        if life != self._life:
            return
        if well is None:
            self._probing = False
        elif well:
            self._on_success()
        else:
            self._on_failure()

    def _on_success(self) -> None:
        self._failed = 0
        if self.state != "closed":
            self._become("closed")

    def _on_failure(self) -> None:
        self._failed += 1
        if self.state == "half_open" or self._failed >= self._limit:
            self._opened_at = self._clock()
            self._become("open")

    def _become(self, state: State) -> None:
        self.state = state
        self._life += 1
        self._failed = 0
        self._probing = False
        self._changed(state)
