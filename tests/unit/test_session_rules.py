"""What each command does in each state of a session, to the millisecond."""

from typing import Final

import pytest

from domain.commands import (
    Act,
    ActivityType,
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
from domain.errors import TooMany, WrongState
from domain.rates import Rates, Xp
from domain.session import (
    KEPT,
    Counters,
    Distraction,
    Kind,
    Pause,
    Segment,
    Session,
    progress,
    seen,
)
from domain.transitions import MAX_REV, begin, decide
from tests.timed import HOUR, MINUTE, SECOND, START, after, outcome, timed

COMMANDS: Final[dict[str, Command]] = {
    "pause": PauseCommand(),
    "resume": Resume(),
    "focus": Focus(),
    "blur": Blur(),
    "distraction": Distract("a call"),
    "activity": Act("message_sent"),
    "complete": Complete(),
    "cancel": Cancel(),
    "touch": Touch(),
}
STATES: Final[dict[str, tuple[tuple[float, Command], ...]]] = {
    "focused": (),
    "away": ((4, Blur()),),
    "paused": ((4, PauseCommand()),),
    "paused while away": ((2, Blur()), (4, PauseCommand())),
    "completed": ((4, Complete()),),
    "canceled": ((4, Cancel()),),
}
# For each state, what a command at minute 10 does: the event (None: nothing happens, "refused":
# WrongState), the condition after it, and the minutes booked as active and as focused by then.
# Minutes of the open segment are not booked yet.
Row = tuple[str | None, str, float, float]
OUTCOMES: Final[dict[str, dict[str, Row]]] = {
    "focused": {
        "pause": ("paused", "paused", 10, 10),
        "resume": (None, "focused", 0, 0),
        "focus": (None, "focused", 0, 0),
        "blur": ("blurred", "away", 10, 10),
        "distraction": ("distraction", "focused", 0, 0),
        "activity": ("activity", "focused", 0, 0),
        "complete": ("completed", "completed", 10, 10),
        "cancel": ("canceled", "canceled", 10, 10),
        "touch": (None, "focused", 0, 0),
    },
    "away": {
        "pause": ("paused", "paused while away", 10, 4),
        "resume": (None, "away", 4, 4),
        "focus": ("focused", "focused", 10, 4),
        "blur": (None, "away", 4, 4),
        "distraction": ("distraction", "away", 4, 4),
        "activity": ("activity", "away", 4, 4),
        "complete": ("completed", "completed while away", 10, 4),
        "cancel": ("canceled", "canceled while away", 10, 4),
        "touch": (None, "away", 4, 4),
    },
    "paused": {
        "pause": (None, "paused", 4, 4),
        "resume": ("resumed", "focused", 4, 4),
        "focus": (None, "paused", 4, 4),
        "blur": (None, "paused", 4, 4),
        "distraction": ("distraction", "paused", 4, 4),
        "activity": ("activity", "paused", 4, 4),
        "complete": ("completed", "completed", 4, 4),
        "cancel": ("canceled", "canceled", 4, 4),
        "touch": (None, "paused", 4, 4),
    },
    "paused while away": {
        "pause": (None, "paused while away", 4, 2),
        "resume": ("resumed", "focused", 4, 2),
        "focus": (None, "paused while away", 4, 2),
        "blur": (None, "paused while away", 4, 2),
        "distraction": ("distraction", "paused while away", 4, 2),
        "activity": ("activity", "paused while away", 4, 2),
        "complete": ("completed", "completed while away", 4, 2),
        "cancel": ("canceled", "canceled while away", 4, 2),
        "touch": (None, "paused while away", 4, 2),
    },
    "completed": dict.fromkeys(COMMANDS, ("refused", "completed", 4, 4))
    | dict.fromkeys(("complete", "touch"), (None, "completed", 4, 4)),
    "canceled": dict.fromkeys(COMMANDS, ("refused", "canceled", 4, 4))
    | dict.fromkeys(("cancel", "touch"), (None, "canceled", 4, 4)),
}
ROWS: Final = [(state, name) for state in STATES for name in COMMANDS]


def condition(session: Session) -> str:
    """What the session is doing, in the table's words."""
    if session.status == "active":
        return "focused" if session.focused else "away"
    return session.status if session.focused else f"{session.status} while away"


@pytest.mark.parametrize(("state", "name"), ROWS)
def test_a_command_does_what_the_table_says(state: str, name: str) -> None:
    before = after(timed(kind="customer"), *STATES[state])
    event_type, condition_after, active, focused = OUTCOMES[state][name]

    if event_type == "refused":
        with pytest.raises(WrongState, match=before.status):
            outcome(before, 10, COMMANDS[name])
        return
    decided = outcome(before, 10, COMMANDS[name])

    session, event = decided.session, decided.event
    assert (event and event.type) == event_type
    assert condition(session) == condition_after
    assert (session.active_ms, session.focused_ms) == (active * MINUTE, focused * MINUTE)
    if event is None:
        assert session == seen(before, START + 10 * MINUTE)
    else:
        assert event.rev == session.rev == before.rev + 1
        assert event.at == session.clock == session.last_seen_at == START + 10 * MINUTE


@pytest.mark.parametrize("kind", ["xp", "focus"])
def test_only_customers_have_chat_activity(kind: Kind) -> None:
    with pytest.raises(WrongState, match=kind):
        outcome(timed(kind=kind), 1, Act("message_sent"))


def test_the_start_is_the_first_event() -> None:
    session = timed()

    began = begin(session)

    assert began.session is session
    assert began.event == Event("started", 1, START)


@pytest.mark.parametrize(
    ("state", "command", "segment"),
    [
        ("focused", PauseCommand(), Segment("focused", START, START + 10 * MINUTE)),
        ("focused", Complete(), Segment("focused", START, START + 10 * MINUTE)),
        ("away", Focus(), Segment("away", START + 4 * MINUTE, START + 10 * MINUTE)),
        ("away", Cancel(), Segment("away", START + 4 * MINUTE, START + 10 * MINUTE)),
        ("paused", Resume(), Segment("paused", START + 4 * MINUTE, START + 10 * MINUTE)),
        ("paused while away", Resume(), Segment("paused", START + 4 * MINUTE, START + 10 * MINUTE)),
        ("paused", Distract(), None),
        ("focused", Act("message_sent"), None),
    ],
)
def test_an_event_tells_the_stretch_it_closes(
    state: str, command: Command, segment: Segment | None
) -> None:
    event = outcome(after(timed(kind="customer"), *STATES[state]), 10, command).event

    assert event is not None
    assert event.segment == segment


def test_an_end_by_hand_tells_what_was_earned() -> None:
    event = outcome(timed(), 10, Complete()).event

    earned = 720 + 360 + 120
    assert event == Event(
        "completed",
        2,
        START + 10 * MINUTE,
        Segment("focused", START, START + 10 * MINUTE),
        {"completed_reason": "manual", "xp_total": earned},
    )


def test_what_comes_with_completing_joins_the_context() -> None:
    session = timed(context={"goal_id": "g", "device_platform": "web"})

    ended = outcome(session, 10, Complete({"device_platform": "ios"})).session

    assert ended.context == {"goal_id": "g", "device_platform": "ios"}
    assert session.context == {"goal_id": "g", "device_platform": "web"}


def test_completing_again_changes_nothing() -> None:
    ended = after(timed(), (10, Complete({"device_platform": "ios"})))

    again = outcome(ended, 20, Complete({"device_platform": "web"}))

    assert again.session is ended
    assert again.event is None


def test_a_canceled_session_earns_nothing() -> None:
    ended = outcome(timed(), 10, Cancel())

    assert progress(ended.session, START + 10 * MINUTE).xp == Xp()
    assert progress(ended.session, START + 10 * MINUTE).focused_ms == 10 * MINUTE
    assert ended.session.completed_reason is None
    assert ended.session.ended_at == START + 10 * MINUTE
    assert ended.event is not None
    assert ended.event.data == {"completed_reason": None, "xp_total": 0}


def test_a_pause_is_open_until_the_clock_runs_again() -> None:
    paused = after(timed(), (4, PauseCommand()))
    resumed = after(paused, (10, Resume()))
    again = after(resumed, (12, PauseCommand()), (15, Complete()))

    first = Pause(START + 4 * MINUTE, START + 10 * MINUTE)
    assert (paused.pauses, paused.pause_count) == ((Pause(START + 4 * MINUTE),), 1)
    assert (resumed.pauses, resumed.pause_count) == ((first,), 1)
    assert again.pauses == (first, Pause(START + 12 * MINUTE, START + 15 * MINUTE))
    assert again.pause_count == 2
    assert again.active_ms == 6 * MINUTE


def test_of_many_pauses_the_last_are_kept_and_all_counted() -> None:
    session = timed()
    for number in range(KEPT + 3):
        session = after(session, (number, PauseCommand()), (number + 0.5, Resume()))

    assert session.pause_count == KEPT + 3
    assert len(session.pauses) == KEPT == 500
    assert session.pauses[0] == Pause(START + 3 * MINUTE, START + 3 * MINUTE + MINUTE // 2)
    assert session.active_ms == (KEPT + 2) * MINUTE // 2


def test_of_many_distractions_the_last_are_kept_and_all_counted() -> None:
    session = timed()
    for number in range(KEPT + 3):
        decided = outcome(session, number, Distract(f"no. {number}"))
        session = decided.session
        assert decided.event is not None
        assert decided.event.data == {"note": f"no. {number}", "distraction_count": number + 1}

    assert session.distraction_count == KEPT + 3
    assert len(session.distractions) == KEPT
    assert session.distractions[0] == Distraction(START + 3 * MINUTE, "no. 3")
    assert session.distractions[-1] == Distraction(START + (KEPT + 2) * MINUTE, f"no. {KEPT + 2}")
    assert session.segment_started_at == START


@pytest.mark.parametrize(
    ("activity_type", "response_ms", "counters"),
    [
        ("message_sent", None, Counters(messages=1)),
        ("conversation_started", None, Counters(conversations=1)),
        ("response_received", 1500, Counters(responses=1, response_ms=1500)),
        ("response_received", 0, Counters(responses=1, response_ms=0)),
        ("response_received", None, Counters()),
    ],
)
def test_chat_activity_is_counted(
    activity_type: ActivityType, response_ms: int | None, counters: Counters
) -> None:
    decided = outcome(timed(kind="customer"), 3, Act(activity_type, response_ms))

    assert decided.session.counters == counters
    assert decided.session.last_activity_at == START + 3 * MINUTE
    assert decided.event is not None
    assert decided.event.data == {"activity_type": activity_type, "response_ms": response_ms}


def test_chat_activity_adds_up() -> None:
    session = after(
        timed(kind="customer"),
        (1, Act("conversation_started")),
        (2, Act("message_sent")),
        (3, Act("response_received", 1500)),
        (4, Act("message_sent")),
        (5, Act("response_received", 500)),
    )

    assert session.counters == Counters(messages=2, conversations=1, responses=2, response_ms=2000)


def test_what_customers_do_is_counted_without_end() -> None:
    decided = outcome(timed(kind="customer", rev=MAX_REV), 1, COMMANDS["activity"])

    assert decided.session.rev == MAX_REV + 1


@pytest.mark.parametrize("name", ["pause", "blur", "distraction"])
def test_a_session_that_changed_too_often_takes_no_more_changes(name: str) -> None:
    worn = timed(kind="customer", rev=MAX_REV)

    assert outcome(timed(kind="customer", rev=MAX_REV - 1), 1, COMMANDS[name]).event is not None
    with pytest.raises(TooMany, match=str(MAX_REV)):
        outcome(worn, 1, COMMANDS[name])


@pytest.mark.parametrize("name", ["complete", "cancel", "touch"])
def test_a_session_that_changed_too_often_can_be_seen_and_ended(name: str) -> None:
    decided = outcome(timed(rev=MAX_REV), 1, COMMANDS[name])

    assert decided.session.last_seen_at == START + MINUTE
    assert decided.session.terminal is (name != "touch")


@pytest.mark.parametrize("name", [name for name in COMMANDS if name != "activity"])
def test_a_clock_that_went_back_is_held_at_the_last_transition(name: str) -> None:
    session = after(timed(), (10, Blur()), (20, Focus()))

    behind = decide(session, COMMANDS[name], START - HOUR)

    assert behind == decide(session, COMMANDS[name], START + 20 * MINUTE)
    assert (behind.session.active_ms, behind.session.focused_ms) == (20 * MINUTE, 10 * MINUTE)


def test_progress_is_that_of_the_last_transition_when_the_clock_went_back() -> None:
    session = after(timed(), (10, Blur()), (20, Focus()))

    assert progress(session, START - HOUR) == progress(session, START + 20 * MINUTE)


def test_away_and_paused_time_earns_nothing() -> None:
    session = after(timed(), (10, Blur()), (15, PauseCommand()), (35, Resume()))

    now = progress(session, START + 40 * MINUTE)

    assert now.elapsed_ms == 20 * MINUTE
    assert now.focused_ms == 15 * MINUTE
    assert now.xp == session.rates.xp(15 * MINUTE) == Xp(1080, 540, 0, 0, 180)
    assert now.remaining_ms is None


def test_a_thousand_pauses_cost_no_xp() -> None:
    odd = Rates(333, 777, 1, 999, 50)
    broken = timed(rates=odd)
    for cycle in range(1000):
        paused = decide(broken, PauseCommand(), START + cycle * 2 * SECOND + 777).session
        broken = decide(paused, Resume(), START + (cycle + 1) * 2 * SECOND).session
    whole = timed(rates=odd)

    at_rest = progress(broken, START + 2000 * SECOND)

    assert at_rest.focused_ms == 777 * SECOND
    assert at_rest.xp == progress(whole, START + 777 * SECOND).xp
    assert at_rest.xp.total == 258 + 603 + 0 + 776 + 38


def test_evidence_of_the_client_never_goes_back() -> None:
    session = seen(timed(), START + MINUTE)

    assert session.last_seen_at == START + MINUTE
    assert seen(session, START) is session
    assert seen(session, START + MINUTE) is session
    assert session.rev == 1


def test_an_ended_session_takes_no_evidence() -> None:
    ended = after(timed(), (1, Complete()))

    assert seen(ended, START + HOUR) is ended
    assert outcome(ended, 60, Touch()).session is ended
