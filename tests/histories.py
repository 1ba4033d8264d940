"""Random lives of sessions, and the playing of them as the engine plays them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from domain.commands import (
    Act,
    Blur,
    Cancel,
    Command,
    Complete,
    Distract,
    Event,
    Focus,
    PauseCommand,
    Resume,
    Touch,
)
from domain.errors import WrongState
from domain.rates import Rates
from domain.session import Session
from domain.transitions import begin, decide, expire
from tests.timed import START, timed

LONGEST_MS: Final = 60_000
"""The longest limit; instants lie so close that ends often fall together."""
HORIZON: Final = START + 1_000_000
"""An instant by which every session has met its end."""

TEXT: Final = st.text(st.characters(codec="utf-8"), max_size=8)
# Round numbers make instants and limits meet; the others make floors matter. Most spans are
# short and most limits long or absent, so that lives get somewhere before they end.
SPANS: Final = st.sampled_from([0, 1, 1_000, 1_000, 2_000, 5_000]) | st.integers(0, 3_000)
LONG_SPANS: Final = st.integers(0, 2 * LONGEST_MS)
BACK: Final = st.integers(-20_000, 0)
ROUND: Final = [1, 5_000, 10_000, 20_000, 20_000, 40_000, 60_000]
LIMITS: Final = st.sampled_from(ROUND) | st.integers(8_000, LONGEST_MS)
ENDS: Final = [
    (),
    ("planned_ms",),
    ("abandon_ms",),
    ("idle_ms",),
    ("idle_ms", "abandon_ms"),
    ("max_ms", "planned_ms", "idle_ms", "abandon_ms"),
]
"""Limits that a session has besides its hard one, or which are drawn with it."""
COMMON: Final[list[Command]] = [PauseCommand(), Resume(), Focus(), Blur(), Touch()]
RARE: Final[list[Command]] = [
    Distract(),
    Distract("et kall ☕"),
    Act("message_sent"),
    Act("conversation_started"),
    Act("response_received", 1_500),
    Complete(),
    Complete({"device_platform": "web"}),
    Cancel(),
]
COMMANDS: Final[SearchStrategy[Command]] = st.sampled_from([*COMMON * 10, *RARE])


@dataclass(frozen=True, slots=True)
class Step:
    """A command, and what its node's clock shows; without a command just a look."""

    now: int
    command: Command | None


@dataclass(slots=True)
class Played:
    """A life as it was played: the state after each event, and the events."""

    session: Session
    events: list[Event] = field(default_factory=list)
    states: list[Session] = field(default_factory=list)

    def take(self, session: Session, event: Event | None) -> None:
        """Go on from the outcome of something."""
        self.session = session
        if event is not None:
            self.events.append(event)
            self.states.append(session)

    def look(self, now: int) -> None:
        """Notice an end that has come by `now`."""
        passed = expire(self.session, now)
        if passed is not None:
            self.take(passed.session, passed.event)

    def deliver(self, step: Step) -> None:
        """Apply a command as the engine does: what is due by then comes first."""
        self.look(step.now)
        if step.command is None:
            return
        try:
            outcome = decide(self.session, step.command, step.now)
        except WrongState:
            return
        self.take(outcome.session, outcome.event)


@st.composite
def sessions(draw: DrawFn) -> Session:
    """A session about to begin, with limits and rates of any size."""
    drawn: dict[str, Any] = {
        "kind": draw(st.sampled_from(["xp", "focus", "customer"])),
        "rates": Rates(*draw(st.tuples(*[st.integers(0, 3_000)] * 5))),
        "max_ms": LONGEST_MS,
        **{name: draw(LIMITS) for name in draw(st.sampled_from(ENDS))},
        "context": draw(st.dictionaries(TEXT, st.none() | st.integers() | TEXT, max_size=3)),
    }
    return timed(**drawn)


@st.composite
def steps(draw: DrawFn, *, jumps: bool = True) -> list[Step]:
    """Commands in a row; with `jumps` the clock sometimes goes back between them."""
    rare = BACK | LONG_SPANS if jumps else LONG_SPANS
    count = draw(st.integers(0, 20))
    now, found = START, []
    for often in draw(st.lists(st.integers(0, 9), min_size=count, max_size=count)):
        now += draw(SPANS if often else rare)
        found.append(Step(now, draw(COMMANDS)))
    return found


def play(
    session: Session,
    life: Sequence[Step],
    looks: Sequence[Sequence[int]] = (),
    *,
    twice: bool = False,
) -> Played:
    """Play a life up to its end; before step n somebody looks at each instant of `looks[n]`.

    `twice` delivers every command but those that add something a second time.
    """
    began = begin(session)
    played = Played(session)
    played.take(began.session, began.event)
    for number, step in enumerate(life):
        for now in looks[number] if number < len(looks) else ():
            played.look(min(now, step.now))
        played.deliver(step)
        if twice and not isinstance(step.command, Distract | Act):
            played.deliver(step)
    played.look(HORIZON)
    return played
