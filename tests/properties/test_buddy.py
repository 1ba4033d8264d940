"""Whatever two buddies, a service and time do, in whatever order: what was promised holds."""

from dataclasses import replace

from hypothesis import note, settings as chosen, strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from domain import buddy
from domain.buddy import SIDES, BuddyRule, Side
from domain.errors import Conflict, RuleViolated
from domain.instants import HOUR_MS
from tests.buddies import MEETING

POINTS = {"user1": 3, "user2": 5}
SIDE = st.sampled_from(SIDES)


class Buddies(RuleBasedStateMachine):
    """A session under random commands, beside a model that knows only what was accepted."""

    def __init__(self) -> None:
        super().__init__()
        self.now = MEETING.created_at
        self.session = MEETING
        self.confirmed: dict[Side, int] = {}
        self.ended: str | None = None

    def attempt(self, command: BuddyRule) -> tuple[str, ...]:
        """What it changed; a refusal changes nothing."""
        try:
            change = command(self.session, self.now)
        except (RuleViolated, Conflict) as refused:
            note(f"refused: {refused}")
            return ()
        if change.events:
            assert change.session != self.session
            self.session = replace(change.session, rev=self.session.rev + 1)
        else:
            assert change.session == self.session
        return change.events

    @rule(by=SIDE, key=st.sampled_from([None, "k"]))
    def confirm(self, by: Side, key: str | None) -> None:
        was_open = self.session.is_open(self.now)
        events = self.attempt(buddy.confirm(by, command_id=key))
        if events:
            assert was_open
            assert self.now >= self.session.scheduled_at
            assert by not in self.confirmed
            self.confirmed[by] = self.now
        assert ("completed" in events) == (bool(events) and len(self.confirmed) == len(SIDES))
        if "completed" in events:
            self.ended = "completed"

    @rule(trusted=st.booleans())
    def cancel(self, *, trusted: bool) -> None:
        begun = self.now >= self.session.scheduled_at
        if self.attempt(buddy.cancel(trusted=trusted)):
            assert trusted or not begun
            assert self.confirmed == {}
            self.ended = "canceled"

    @rule(hours=st.integers(-5, 60), trusted=st.booleans())
    def reschedule(self, hours: int, *, trusted: bool) -> None:
        at, begun = self.now + hours * HOUR_MS, self.now >= self.session.scheduled_at
        if self.attempt(buddy.reschedule(at, trusted=trusted)):
            assert at > self.now
            assert trusted or not begun
            assert self.confirmed == {}

    @rule(text=st.sampled_from("ab"), behind=st.sampled_from([None, 0, 1]))
    def write(self, text: str, behind: int | None) -> None:
        if_rev = None if behind is None else self.session.rev - behind
        self.attempt(buddy.write_notes(text, if_rev))
        if behind != 1:
            assert self.session.notes == text

    @rule(hours=st.sampled_from([1, 2, 10, 47, 48]))
    def wait(self, hours: int) -> None:
        self.now += hours * HOUR_MS

    @precondition(lambda self: not self.session.is_open(self.now))
    @rule()
    def notice(self) -> None:
        if self.attempt(buddy.expire):
            assert self.ended is None
            assert self.session.ended_at == self.session.closes_at
            self.ended = "expired"

    @invariant()
    def nothing_is_confirmed_but_what_was_accepted(self) -> None:
        for side in SIDES:
            told = self.session.part(buddy.other(side)).confirmed
            assert (told and told.at) == self.confirmed.get(side)

    @invariant()
    def what_has_ended_stays_ended(self) -> None:
        if self.ended is not None:
            assert self.session.status == self.ended

    @invariant()
    def reputation_follows_from_what_was_accepted(self) -> None:
        for side in SIDES:
            delta = buddy.reputation_delta(self.session, side, POINTS[side], self.now)
            confirmed = buddy.other(side) in self.confirmed
            over = self.session.status_at(self.now) == "expired"
            expected = POINTS[side] if confirmed or not over else -POINTS[side]
            assert delta == (0 if self.session.status == "canceled" else expected)


TestBuddies = Buddies.TestCase
TestBuddies.settings = chosen(max_examples=150, stateful_step_count=25, deadline=None)
