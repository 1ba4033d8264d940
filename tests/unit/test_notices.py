"""Notices: what the service worker gets, always short enough to be sent."""

import dataclasses
import json

import pytest

from domain import notices
from domain.notices import LIFE_MS, PAYLOAD_BYTES, Notice, payload, topic, ttl_s, urgency

NOON = 1_800_000_000_000
MINUTE = 60_000


def built(text: str = "Deep Work", url: str = "/programs/7") -> list[Notice]:
    """One of each kind, with this text wherever a text from outside goes."""
    common = {"user_id": "ada", "at": NOON, "url": url}
    return [
        notices.session_ended(session_id="s-1", about=text, focused_ms=25 * MINUTE, **common),  # type: ignore[arg-type]
        notices.reminder(title=text, body=text, **common),  # type: ignore[arg-type]
        notices.day_completed(program=text, day=3, days=14, **common),  # type: ignore[arg-type]
        notices.program_completed(program=text, days=14, **common),  # type: ignore[arg-type]
        notices.achievement(code=text, title=text, body=text, **common),  # type: ignore[arg-type]
        notices.trial(user_id="ada", at=NOON),
    ]


def test_the_payload_is_what_is_documented() -> None:
    notice = built()[0]

    assert json.loads(payload(notice)) == {
        "kind": "session_ended",
        "title": "Session complete",
        "body": "25 minutes of focus: Deep Work",
        "url": "/programs/7",
        "tag": "session:s-1",
        "at": NOON,
    }
    assert (notice.user_id, notice.due_at) == ("ada", NOON)


def test_each_kind_has_its_words_and_its_life() -> None:
    said = {notice.kind: f"{notice.title} | {notice.body}" for notice in built()[:-1]}

    assert said == {
        "session_ended": "Session complete | 25 minutes of focus: Deep Work",
        "reminder": "Deep Work | Deep Work",
        "day_completed": "Day 3 complete | Deep Work: 3 of 14 days.",
        "program_completed": "Program complete | Deep Work: all 14 days.",
        "achievement": "Deep Work | Deep Work",
    }
    assert said.keys() == LIFE_MS.keys()
    for notice in built():
        assert notice.expires_at - notice.due_at == LIFE_MS[notice.kind]


@pytest.mark.parametrize("text", ["x", "😀", '"\\', "\x00", "\ud800", "\u2028", "Ж"])
def test_no_text_is_too_long_to_be_sent(text: str) -> None:
    for notice in built(text * 5_000, url=f"/{text * 5_000}"):
        sent = payload(notice)

        assert len(sent) <= PAYLOAD_BYTES
        shown = json.loads(sent)
        assert shown["url"] == "/"
        assert len(shown["title"]) <= 80
        assert len(shown["body"]) <= 240
        assert "\x00" not in shown["title"] + shown["body"] + shown["tag"]


def test_what_is_too_long_for_the_payload_is_no_notice() -> None:
    with pytest.raises(ValueError, match="too long"):
        dataclasses.replace(built()[0], body="x" * PAYLOAD_BYTES)


def test_the_time_to_live_ends_with_the_notice() -> None:
    notice = built()[0]

    assert ttl_s(notice, NOON) == LIFE_MS["session_ended"] // 1000
    assert ttl_s(notice, notice.expires_at - 1_500) == 1
    # Some services refuse what they may not keep at all.
    assert ttl_s(notice, notice.expires_at + MINUTE) == 1


def test_a_topic_names_the_tag_without_telling_it() -> None:
    first, other = built()[0], built()[1]

    assert topic(first) == topic(dataclasses.replace(first, body="anything"))
    assert topic(first) != topic(other)
    assert len(topic(first)) == 32
    assert topic(first).replace("-", "").replace("_", "").isalnum()


def test_the_end_of_a_session_is_urgent_and_an_achievement_can_wait() -> None:
    assert [urgency(notice) for notice in built()] == [
        "high", "normal", "normal", "normal", "low", "normal",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("ms", "said"),
    [
        (0, "Less than a minute of focus."),
        (59_999, "Less than a minute of focus."),
        (MINUTE, "1 minute of focus."),
        (59 * MINUTE, "59 minutes of focus."),
        (60 * MINUTE, "1 hour of focus."),
        (95 * MINUTE + 59_000, "1 hour 35 minutes of focus."),
    ],
)
def test_focus_is_told_in_whole_minutes(ms: int, said: str) -> None:
    ended = notices.session_ended(user_id="ada", session_id="s", about="", focused_ms=ms, at=0)
    assert ended.body == said
