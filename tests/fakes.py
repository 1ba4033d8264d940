"""The double of the clock: driven by hand. Those of a language model are in `raters.py`."""

START_MS = 2_500_000_000_000


class DrivenClock:
    """A clock that stands still until it is moved; called, it answers integer ms."""

    def __init__(self, now_ms: int = START_MS) -> None:
        self.now_ms = now_ms

    def __call__(self) -> int:
        return self.now_ms

    def advance(self, ms: int) -> int:
        """Move by so many ms, also backwards; answers the new time."""
        self.now_ms += ms
        return self.now_ms
