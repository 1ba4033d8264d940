"""A model that writes summaries: what it is asked, what it may answer, and what it costs."""

import asyncio
import json
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from domain.week_words import WeekFigures, figures_of
from domain.weekly import WeeklyReview, composed, weekly_review
from handlers.chat import ChatEndpoint
from handlers.completions import Completions
from handlers.summaries import Summarist
from realtime.advice import AdviceFailed, Patience, Unusable
from realtime.summaries import AdvisedSummaries, Summaries
from realtime.tasks import Tasks
from tests.completions_stub import SUMMARY, ChatStub, chat_stub, completion
from tests.fakes import DrivenClock
from tests.raters import OFFERED_S, Shelf, Tally

BREAKER_FAILURES = 5
QUIET = weekly_review(2, range(8, 15), [], streak=3, achievements=["first_day"])
WEEK = replace(QUIET, days_completed=3, sessions=4, focus_ms=100 * 60_000)
LIE = "You completed 5 days."


@dataclass(kw_only=True)
class Novelist:
    """A writer that answers as it is told."""

    identity: str = "novelist 1"
    answers: list[str | Exception] = field(default_factory=list)
    asked: list[WeekFigures] = field(default_factory=list)
    gate: asyncio.Event | None = None
    closed: bool = False

    async def write(self, figures: WeekFigures, within_s: float) -> str:
        assert within_s > 0
        self.asked.append(figures)
        if self.gate is not None:
            await self.gate.wait()
        answer = self.answers.pop(0) if self.answers else SUMMARY
        if isinstance(answer, Exception):
            raise answer
        return answer

    def close(self) -> None:
        self.closed = True


class Count(Tally):
    """Counts summaries."""

    def summarised(self, engine: str) -> None:
        self.engines.append(engine)


@dataclass(kw_only=True)
class Desk:
    """Summaries on fakes."""

    writer: Novelist = field(default_factory=Novelist)
    shelf: Shelf[str] = field(default_factory=Shelf)
    count: Count = field(default_factory=Count)
    patience: Patience = field(default_factory=lambda: Patience(retries=0, backoff_s=0.001))

    def __post_init__(self) -> None:
        model = AdvisedSummaries(
            self.writer, self.shelf, Tasks(), self.count, DrivenClock(), self.patience
        )
        self.summaries = Summaries(self.count, model)

    async def summary(self, review: WeeklyReview = WEEK) -> str:
        """Ask, and fail if it takes much longer than promised."""
        async with asyncio.timeout(OFFERED_S):
            return await self.summaries.summary(review, "ada")


@pytest.mark.gen_test
async def test_the_words_of_the_model_are_kept_by_the_figures() -> None:
    desk = Desk()
    first, again = await desk.summary(), await desk.summary()
    more = await desk.summary(replace(WEEK, sessions=5))
    elsewhere = Desk(shelf=desk.shelf)
    there = await elsewhere.summary()
    newer = Desk(shelf=desk.shelf, writer=Novelist(identity="novelist 2"))
    await newer.summary()
    desk.summaries.close()

    assert first == again == more == there == SUMMARY
    assert desk.writer.asked == [figures_of(WEEK), figures_of(replace(WEEK, sessions=5))]
    assert (len(elsewhere.writer.asked), len(newer.writer.asked)) == (0, 1)
    assert desk.count.engines == ["llm"] * 3
    assert desk.writer.closed


@pytest.mark.gen_test
async def test_nobody_is_asked_about_a_week_without_anything() -> None:
    desk = Desk()

    assert await desk.summary(QUIET) == ""
    assert (desk.writer.asked, desk.count.engines) == ([], [])


@pytest.mark.gen_test
async def test_without_a_model_the_figures_are_put_into_sentences() -> None:
    count = Count()
    summaries = Summaries(count)
    summary = await summaries.summary(WEEK, "ada")
    summaries.close()

    assert summary == composed(WEEK) != ""
    assert count.engines == ["composed"]


@pytest.mark.gen_test
async def test_numbers_that_were_made_up_are_refused_and_not_kept_and_open_nothing() -> None:
    desk = Desk()
    desk.writer.answers = [LIE] * (2 * BREAKER_FAILURES)
    for _ in range(2 * BREAKER_FAILURES):
        assert await desk.summary() == composed(WEEK)

    assert desk.shelf.kept == {}
    assert desk.count.states == []
    assert desk.count.causes == ["invented"] * 2 * BREAKER_FAILURES
    assert await desk.summary() == SUMMARY


@pytest.mark.gen_test
async def test_a_model_that_is_away_is_left_alone() -> None:
    desk = Desk()
    desk.writer.answers = [AdviceFailed("connection")] * BREAKER_FAILURES
    for _ in range(BREAKER_FAILURES + 3):
        assert await desk.summary() == composed(WEEK)

    assert len(desk.writer.asked) == BREAKER_FAILURES
    assert desk.count.states == ["open"]


@pytest.mark.gen_test
async def test_nobody_waits_for_a_model_that_hangs_and_a_fault_of_our_own_costs_nothing() -> None:
    hung = Desk(patience=Patience(within_s=0.05), writer=Novelist(gate=asyncio.Event()))
    faulty = Desk(writer=Novelist(answers=[RuntimeError("a bug")]))
    without_redis = Desk(shelf=Shelf(away=True))

    assert await hung.summary() == await faulty.summary() == composed(WEEK)
    assert (hung.count.causes, faulty.count.causes) == (["timeout"], ["error"])
    assert await without_redis.summary() == SUMMARY


async def written(stub: ChatStub, told: object = None) -> str | AdviceFailed:
    """What comes of an answer."""
    stub.body = None if told is None else completion(told)
    summarist = Summarist(ChatEndpoint(url=stub.url, model="m-1"))
    try:
        return await summarist.write(figures_of(WEEK), OFFERED_S)
    except AdviceFailed as failure:
        return failure
    finally:
        summarist.close()


@pytest.mark.gen_test
async def test_the_model_is_shown_one_object_of_figures_and_asked_for_one_text() -> None:
    async with chat_stub() as stub:
        text = await written(stub)

    (asked,) = stub.asked
    form = asked["response_format"]["json_schema"]
    assert text == SUMMARY
    assert [message["role"] for message in asked["messages"]] == ["system", "user"]
    assert stub.words() == {
        "week": 2,
        "days_completed": 3,
        "days_total": 7,
        "focus_minutes": 100,
        "sessions": 4,
        "reflections": 0,
        "average_difficulty": None,
        "average_satisfaction": None,
        "streak_days": 3,
        "achievements": ["Day One"],
        "program": None,
        "completed_days": [],
    }
    assert (asked["model"], form["strict"]) == ("m-1", True)
    assert form["schema"] == {
        "type": "object",
        "properties": {"summary": {"type": "string"}},
        "required": ["summary"],
        "additionalProperties": False,
    }


REFUSED: list[Any] = [
    "A good week.",
    {},
    [],
    {"summary": None},
    {"summary": 7},
    {"summary": ["A good week."]},
    {"summary": ""},
    {"summary": "   "},
    {"summary": "x" * 601},
    {"summary": "One.\nTwo."},
    {"summary": "A <b>good</b> week."},
    {"summary": "`rm`"},
    {"summary": "More on http://example.org"},
    {"summary": "so\u202ethat"},
    {"summary": "A good week.", "xp_total": 10**9},
    json.dumps({"summary": "A good week."})[:-1] + ', "summary": "Another."}',
]


@pytest.mark.parametrize("told", REFUSED)
@pytest.mark.gen_test
async def test_what_is_no_line_of_plain_text_is_refused(told: object) -> None:
    async with chat_stub() as stub:
        outcome = await written(stub, told)

    assert isinstance(outcome, Unusable)
    assert outcome.cause == "garbage"


def test_summaries_and_rates_of_one_model_are_different_questions() -> None:
    endpoint = ChatEndpoint(url="https://llm.example/v1", model="m")
    summarist, completions = Summarist(endpoint), Completions(endpoint)
    summarist.close()
    completions.close()

    assert summarist.identity.startswith("m\n")
    assert summarist.identity != completions.identity
