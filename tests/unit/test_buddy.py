"""The rules of buddy sessions, each on a session of its own."""

from dataclasses import replace

import pytest

from domain.buddy import (
    BuddyRule,
    BuddySession,
    Confirmation,
    Match,
    cancel,
    confirm,
    expire,
    other,
    reputation_delta,
    require_ahead,
    reschedule,
    side_of,
    write_notes,
)
from domain.buddy_views import People, buddy_view
from domain.errors import Conflict, Forbidden, RuleViolated
from tests.buddies import AT, MEETING, WINDOW_MS

SESSION, WINDOW = MEETING, WINDOW_MS


def refusal(rule: BuddyRule, session: BuddySession, now: int) -> object:
    with pytest.raises(RuleViolated) as refused:
        rule(session, now)
    return refused.value.extra["reason"]


def confirmed(session: BuddySession, by: str, now: int = AT) -> BuddySession:
    return confirm(side_of(session, by))(session, now).session


def test_both_have_to_confirm() -> None:
    once = confirm("user1")(SESSION, AT)
    both = confirm("user2", "ada")(once.session, AT + 5)

    assert once.events == ("confirmed",)
    assert (once.session.status, once.session.completed_at) == ("scheduled", None)
    # Ada's word is about Bob.
    assert (once.session.user1.confirmed, once.session.user2.confirmed) == (
        None, Confirmation(AT),
    )  # fmt: skip
    assert both.events == ("confirmed", "completed")
    assert (both.session.status, both.session.completed_at, both.session.ended_at) == (
        "completed", AT + 5, AT + 5,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("session", "now", "reason"),
    [
        (SESSION, AT - 1, "too_early"),
        (SESSION, AT + WINDOW, "window_closed"),
        (replace(SESSION, status="expired"), AT, "window_closed"),
        (replace(SESSION, status="canceled"), AT, "canceled"),
        (confirmed(SESSION, "ada"), AT, "already_confirmed"),
        (confirmed(SESSION, "ada"), AT + WINDOW, "already_confirmed"),
        (confirmed(confirmed(SESSION, "ada"), "bob"), AT, "already_confirmed"),
    ],
)
def test_when_nobody_can_confirm(session: BuddySession, now: int, reason: str) -> None:
    assert refusal(confirm("user1"), session, now) == reason


def test_the_first_and_the_last_instant_to_confirm() -> None:
    assert confirm("user2")(SESSION, AT).events == ("confirmed",)
    assert confirm("user2")(SESSION, AT + WINDOW - 1).events == ("confirmed",)


def test_nobody_confirms_anybody_but_the_buddy() -> None:
    for whom in ("ada", "eve", ""):
        assert refusal(confirm("user1", whom), SESSION, AT) == "not_your_buddy"


def test_the_same_command_again_finds_that_it_is_done() -> None:
    done = confirm("user1", command_id="k")(SESSION, AT).session

    for later in (AT + 1, AT + WINDOW + 1):
        assert confirm("user1", command_id="k")(done, later).events == ()
    assert refusal(confirm("user1", command_id="other"), done, AT) == "already_confirmed"


def test_calling_off() -> None:
    done = cancel()(SESSION, AT - 1)

    assert (done.session.status, done.session.ended_at, done.events) == (
        "canceled", AT - 1, ("canceled",),
    )  # fmt: skip
    assert cancel()(done.session, AT + WINDOW).events == ()
    assert refusal(cancel(), SESSION, AT) == "already_begun"
    assert cancel(trusted=True)(SESSION, AT).events == ("canceled",)
    assert refusal(cancel(trusted=True), SESSION, AT + WINDOW) == "window_closed"
    assert refusal(cancel(trusted=True), confirmed(SESSION, "ada"), AT) == "already_confirmed"
    assert refusal(cancel(), replace(SESSION, status="completed"), AT - 1) == "window_closed"


def test_another_time() -> None:
    moved = reschedule(AT + 7, "Park")(SESSION, AT - 1)

    assert (moved.session.scheduled_at, moved.session.closes_at) == (AT + 7, AT + 7 + WINDOW)
    assert (moved.session.venue_name, moved.events) == ("Park", ("rescheduled",))
    assert reschedule(AT + 7)(moved.session, AT - 1).events == ()
    # What is so already needs no right to change it, as long as there is something to change.
    assert reschedule(AT)(SESSION, AT + 1).events == ()
    assert refusal(reschedule(AT), SESSION, AT + WINDOW) == "window_closed"
    assert refusal(reschedule(AT), replace(SESSION, status="canceled"), AT - 1) == "canceled"
    assert reschedule(AT + 7)(SESSION, AT - 1).session.venue_name == "Library"
    assert refusal(reschedule(AT - 1), SESSION, AT - 1) == "in_the_past"
    assert refusal(reschedule(AT + 7), SESSION, AT) == "already_begun"
    assert refusal(reschedule(AT + 7), replace(SESSION, status="canceled"), AT - 1) == "canceled"
    assert reschedule(AT + 9, trusted=True)(SESSION, AT + 3).events == ("rescheduled",)
    assert refusal(reschedule(AT - 9, trusted=True), SESSION, AT + 3) == "in_the_past"


def test_notes() -> None:
    written = write_notes("Bring tea", 1)(SESSION, 0)

    assert (written.session.notes, written.events) == ("Bring tea", ("notes_changed",))
    newer = replace(written.session, rev=2)
    assert write_notes("Bring tea", 1)(newer, 0).events == ()
    assert write_notes("Bring cake")(newer, 0).session.notes == "Bring cake"
    with pytest.raises(Conflict) as stale:
        write_notes("Bring cake", 1)(newer, 0)
    assert stale.value.state is newer


def test_the_window_closes_at_its_own_instant() -> None:
    assert expire(SESSION, AT + WINDOW - 1).events == ()
    closed = expire(SESSION, AT + WINDOW + 12_345)
    assert (closed.session.status, closed.session.ended_at, closed.events) == (
        "expired", AT + WINDOW, ("expired",),
    )  # fmt: skip
    for status in ("completed", "canceled", "expired"):
        assert expire(replace(SESSION, status=status), AT + 2 * WINDOW).events == ()


def test_reputation_goes_by_what_can_still_come() -> None:
    half = confirmed(SESSION, "ada")

    def deltas(session: BuddySession, now: int) -> tuple[int, int]:
        return (
            reputation_delta(session, "user1", 3, now),
            reputation_delta(session, "user2", 5, now),
        )

    assert deltas(SESSION, 0) == deltas(SESSION, AT + WINDOW - 1) == (3, 5)
    assert deltas(SESSION, AT + WINDOW) == (-3, -5)
    assert deltas(half, AT) == (3, 5)
    assert deltas(half, AT + WINDOW) == (-3, 5)
    assert deltas(expire(half, AT + WINDOW).session, 0) == (-3, 5)
    assert deltas(confirmed(half, "bob"), AT + 9 * WINDOW) == (3, 5)
    assert deltas(replace(SESSION, status="canceled"), AT + WINDOW) == (0, 0)


def test_who_is_who() -> None:
    assert Match(id="m", user1_id="ada", user2_id="bob", created_at=0).users == SESSION.users
    assert (side_of(SESSION, "ada"), side_of(SESSION, "bob")) == ("user1", "user2")
    assert (other("user1"), other("user2")) == ("user2", "user1")
    with pytest.raises(Forbidden, match="Access denied"):
        side_of(SESSION, "eve")


def test_an_appointment_lies_ahead() -> None:
    require_ahead(AT + 1, AT)
    with pytest.raises(RuleViolated):
        require_ahead(AT, AT)


def test_a_window_that_has_closed_is_shown_before_anybody_notices() -> None:
    assert (SESSION.status_at(AT), SESSION.status_at(AT + WINDOW)) == ("scheduled", "expired")
    assert replace(SESSION, status="completed").status_at(AT + WINDOW) == "completed"


def test_a_challenge_that_was_removed_is_worth_nothing() -> None:
    shown = buddy_view(SESSION, People({"ada": "Ada"}, {}), AT)

    assert shown["reputation_preview"] == {"user1_delta": 0, "user2_delta": 0}
    people = shown["participants"]
    assert (people["user1"]["name"], people["user1"]["challenge"]["id"]) == ("Ada", "c1")
    assert (people["user2"]["name"], people["user2"]["challenge"]["title"]) == ("bob", "")
