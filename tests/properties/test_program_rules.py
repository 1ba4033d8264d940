"""Whatever is done to an enrolment, in whatever order: its books agree with what was accepted."""

from dataclasses import dataclass, field

import pytest
from hypothesis import given, strategies as st

from domain.errors import SessionError
from domain.program_rules import (
    Moment,
    Rating,
    Rule,
    abandon,
    add_focus,
    pause,
    rate,
    reflect,
    remove_focus,
    resume,
    start,
    update_task,
)
from domain.program_streaks import program_streak
from tests.learning import MINUTE, NOW, UTC, Course, focus

DAYS = st.integers(1, 3)
STEPS = st.one_of(
    st.tuples(
        st.sampled_from(["task"]), DAYS, st.integers(0, 1), st.sampled_from([True, True, False])
    ),
    st.tuples(st.sampled_from(["reflect"]), DAYS, st.sampled_from("ab")),
    st.tuples(st.sampled_from(["focus"]), DAYS, st.sampled_from([10, 15, 25])),
    st.tuples(st.sampled_from(["void"]), st.integers(0, 9)),
    st.tuples(st.sampled_from(["rate"]), DAYS, st.integers(1, 5)),
    st.tuples(st.sampled_from(["start", "pause", "resume", "start", "resume", "abandon"])),
    st.tuples(st.sampled_from(["wait"]), st.integers(1, 40)),
)
WHOLE = {"start": start, "pause": pause, "resume": resume, "abandon": abandon}


@dataclass
class Played:
    """A course that was played, and the sessions that count in it."""

    course: Course = field(default_factory=lambda: Course(status="not_started", started_at=None))
    sessions: list[tuple[int, int]] = field(default_factory=list)

    def take(self, step: tuple[object, ...]) -> None:
        kind, *rest = step
        if kind == "wait":
            self.course.now += int(str(rest[0])) * 60 * MINUTE
        elif kind == "focus":
            number, minutes = int(str(rest[0])), int(str(rest[1]))
            self.sessions.append((number, minutes))
            self.accept(add_focus(focus(minutes, self.course.now)), number)
        elif kind == "void" and self.sessions:
            number, minutes = self.sessions.pop(int(str(rest[0])) % len(self.sessions))
            self.accept(remove_focus(focus(minutes), may_reopen=True), number)
        elif kind != "void":
            rule, day = self.rule(str(kind), rest)
            self.try_twice(rule, day)

    def rule(self, kind: str, rest: list[object]) -> tuple[Rule, int | None]:
        if kind in WHOLE:
            return WHOLE[kind], None
        number = int(str(rest[0]))
        if kind == "task":
            return update_task(int(str(rest[1])), done=bool(rest[2])), number
        if kind == "reflect":
            return reflect("How?", str(rest[1])), number
        return rate(Rating(difficulty=int(str(rest[1])))), number

    def accept(self, rule: Rule, number: int) -> None:
        self.course.apply(rule, number)

    def try_twice(self, rule: Rule, number: int | None) -> None:
        """A repeat of what was accepted changes nothing; what is refused changes nothing."""
        before = self.course.enrollment, dict(self.course.days)
        try:
            first = self.course.apply(rule, number)
        except SessionError:
            assert (self.course.enrollment, self.course.days) == before
            return
        kept = self.course.enrollment
        if number is not None and kept.status == "in_progress":
            again = self.course.apply(rule, number)
            assert (again.events, self.course.enrollment, again.day) == ((), kept, first.day)

    def check(self) -> None:
        enrollment, days = self.course.enrollment, self.course.days
        for number, day in days.items():
            mine = [minutes for of, minutes in self.sessions if of == number]
            assert (day.focus_ms, day.sessions) == (sum(mine) * MINUTE, len(mine))
            done = [one for one in enrollment.done if one.number == number]
            assert [one.at for one in done] == (
                [] if day.completed_at is None else [day.completed_at]
            )
            if done and enrollment.status != "abandoned":
                assert day.fulfilled
                assert done[0].on == UTC.day_of(done[0].at)
            elif enrollment.status in ("in_progress", "paused"):
                assert not day.fulfilled
        assert enrollment.focus_ms == sum(day.focus_ms for day in days.values())
        assert enrollment.sessions == len(self.sessions)
        numbers = [one.number for one in enrollment.done]
        assert numbers == sorted(set(numbers))
        assert enrollment.current_day == next((n for n in (1, 2) if n not in numbers), 3)
        assert (enrollment.status == "completed") == (
            len(numbers) == 3 and enrollment.status != "abandoned"
        )
        assert (enrollment.ended_at is None) == enrollment.active
        streak = program_streak(enrollment, Moment(self.course.now, UTC))
        assert 0 <= streak.current <= (streak.longest.days if streak.longest else 0) <= 3
        assert all(one.from_ms <= (one.to_ms or self.course.now) for one in enrollment.pauses)
        assert all(one.to_ms is not None for one in enrollment.pauses[:-1])


@given(st.lists(STEPS, max_size=60))
def test_the_books_of_a_program_agree_whatever_happens(steps: list[tuple[object, ...]]) -> None:
    played = Played()
    for step in steps:
        played.take(step)
        played.check()


@given(st.permutations(["task 0", "task 1", "reflect", "focus 10", "focus 15"]))
def test_whatever_comes_last_completes_the_day_and_nothing_before(order: list[str]) -> None:
    course = Course()
    rules = {
        "task 0": update_task(0, done=True),
        "task 1": update_task(1, done=True),
        "reflect": reflect("How?", "Well."),
        "focus 10": add_focus(focus(10)),
        "focus 15": add_focus(focus(15)),
    }
    completed = ["day_completed" in course.apply(rules[name], 1).events for name in order]

    assert completed == [False] * 4 + [True]
    assert course.enrollment.current_day == 2


def test_voiding_needs_no_session_to_play_with() -> None:
    played = Played()
    played.take(("void", 3))
    played.check()

    assert played.course.now == NOW
    with pytest.raises(SessionError):
        played.course.apply(reflect("How?", "Well."), 1)
