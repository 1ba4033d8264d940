"""Asking a language model for a dashboard: what it may say, and what becomes of the rest."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from domain.okr.dashboard import AnswerText, Dashboard
from handlers.analysts import ModelAnalyst
from handlers.chat import ChatEndpoint
from handlers.json_forms import form_of
from handlers.schemas.okr import DashboardSchema, checked_result, dashboard_of
from realtime.advice import AdviceFailed, Unusable
from tests.completions_stub import GARBAGE, ChatStub, chat_stub, completion, event, refusing_url
from tests.okr_sample import DASHBOARD

ANSWERS = [
    AnswerText(order=order, question_id=order, prompt="Q", answer=f"Answer {order}.")
    for order in range(1, 6)
]
CONFIDENCE = DASHBOARD["confidence"]


@asynccontextmanager
async def analyst(mode: str, **changes: Any) -> AsyncIterator[tuple[ModelAnalyst, ChatStub]]:
    """A model in this mode, and somebody who asks it."""
    async with chat_stub() as stub:
        stub.mode = mode
        within_s = changes.pop("within_s", 2.0)
        told = {"url": stub.url, "model": "m", **changes}
        asking = ModelAnalyst(ChatEndpoint(**told), within_s=within_s)
        try:
            yield asking, stub
        finally:
            asking.close()


async def failure(mode: str, body: bytes | None = None, **changes: Any) -> AdviceFailed:
    """How a model in this mode fails."""
    async with analyst(mode, **changes) as (asking, stub):
        stub.body = body
        with pytest.raises(AdviceFailed) as caught:
            await asking.analyse(ANSWERS, lambda _step, _percent: None)
        assert stub.elsewhere == 0
        return caught.value


@pytest.mark.gen_test
async def test_a_good_answer_is_a_dashboard_and_tells_how_far_it_is() -> None:
    told: list[tuple[str, int]] = []
    async with analyst("good", api_key="secret") as (asking, stub):
        found = await asking.analyse(ANSWERS, lambda step, percent: told.append((step, percent)))

    assert isinstance(found, Dashboard)
    assert found.key_results[1].confidence == 0.42
    assert stub.keys == ["Bearer secret"]
    assert {step for step, _ in told} == {"analysing"}
    percents = [percent for _, percent in told]
    assert percents == sorted(percents)
    assert 30 <= percents[0] <= percents[-1] < 95


@pytest.mark.gen_test
async def test_an_endpoint_that_does_not_stream_is_understood() -> None:
    async with analyst("as a whole") as (asking, _):
        found = await asking.analyse(ANSWERS, lambda _step, _percent: None)

    assert found.objective.order == 1


@pytest.mark.parametrize("mode", [*GARBAGE, "cut"])
@pytest.mark.gen_test
async def test_nonsense_is_no_dashboard(mode: str) -> None:
    failed = await failure(mode)

    assert (type(failed), failed.cause, failed.again) == (Unusable, "garbage", False)


@pytest.mark.parametrize(
    ("mode", "cause", "again"),
    [
        ("429", "throttled", True),
        ("500", "status", True),
        ("503", "status", True),
        ("400", "status", False),
        ("401", "status", False),
        ("302", "status", False),
        ("reset", "connection", True),
        ("heads", "connection", False),
        ("endless", "connection", True),
    ],
)
@pytest.mark.gen_test
async def test_what_is_no_answer_is_told_apart(mode: str, cause: str, *, again: bool) -> None:
    failed = await failure(mode)

    assert (failed.cause, failed.again) == (cause, again)


@pytest.mark.gen_test
async def test_a_slow_model_is_given_up_in_time() -> None:
    failed = await failure("slow", within_s=0.1)

    assert (failed.cause, failed.again) == ("timeout", True)


@pytest.mark.gen_test
async def test_nobody_at_the_address_is_a_failure() -> None:
    failed = await failure("good", url=refusing_url())

    assert (failed.cause, failed.again) == ("connection", True)


BEYOND: dict[str, dict[str, Any]] = {
    "another engine": {"engine": {"name": "builtin", "model": None}},
    "a version": {"version": 2},
    "a score beyond all measure": {"sentiment": {"label": "positive", "score": 100}},
    "more than certain": {"confidence": {**CONFIDENCE, "objective": 1.5}},
    "a truth for a number": {"confidence": {**CONFIDENCE, "objective": True}},
    "a blank text": {"blockers": [{"text": " ", "order": 2}]},
    "an order that there is not": {"blockers": [{"text": "x", "order": 6}]},
    "a theme of no answer": {"themes": [{"name": "x", "mentions": 1, "orders": []}]},
    "another language": {"language": "klingon"},
    "a bell": {"objective": {"text": "so\u0007that", "order": 1}},
    "a number in words": {"objective": {"text": "so", "order": "1"}},
    "a part less": {"next_steps": None},
}


@pytest.mark.parametrize("name", sorted(BEYOND))
@pytest.mark.gen_test
async def test_what_a_model_says_beyond_the_schema_is_refused(name: str) -> None:
    failed = await failure("as it is", completion({**DASHBOARD, **BEYOND[name]}))

    assert failed.cause == "garbage"


def test_the_model_is_told_the_form_that_is_checked() -> None:
    form = form_of(DashboardSchema())

    assert form["additionalProperties"] is False
    assert set(form["required"]) == set(DASHBOARD) == set(form["properties"])
    key_result = form["properties"]["key_results"]["items"]
    assert key_result["properties"]["direction"]["enum"] == [
        "increase", "decrease", "reach", "maintain"
    ]  # fmt: skip
    assert key_result["properties"]["target"] == {"anyOf": [{"type": "number"}, {"type": "null"}]}
    assert key_result["properties"]["order"] == {"type": "integer"}


def test_a_result_that_does_not_keep_to_its_schema_is_an_error_without_its_words() -> None:
    schema = DashboardSchema()
    assert dashboard_of(schema.load(DASHBOARD)).themes[0].orders == (1, 3)

    with pytest.raises(ValueError, match="version") as caught:
        checked_result({**DASHBOARD, "objective": "grow secretly"})
    assert "secretly" not in str(caught.value)


@pytest.mark.gen_test
async def test_what_is_merely_too_long_is_cut() -> None:
    long = {
        **DASHBOARD,
        "objective": {"text": "Grow,\n\nand grow " + "more " * 100, "order": 1},
        "themes": [
            {"name": f"theme {number}", "mentions": 1, "orders": [1]} for number in range(12)
        ],
        "key_results": [{**DASHBOARD["key_results"][0], "metric": "m " * 200, "unit": "u" * 99}],
    }
    async with analyst("as it is") as (asking, stub):
        stub.body = completion(long)
        found = await asking.analyse(ANSWERS, lambda _step, _percent: None)

    assert found.objective.text.startswith("Grow, and grow more")
    assert len(found.objective.text) <= 300
    assert [theme.name for theme in found.themes] == [f"theme {number}" for number in range(8)]
    assert len(found.key_results[0].metric) <= 120
    assert found.key_results[0].unit == "u" * 39 + "…"


@pytest.mark.gen_test
async def test_lines_within_a_streamed_text_are_no_ends_of_events() -> None:
    told = json.dumps({**DASHBOARD, "language": "en"}, ensure_ascii=False)
    told = told.replace("Hiring bottlenecks.", "Hiring\u2028bottle\u0085necks.")
    events = [
        {"choices": [{"index": 0, "delta": None}]},
        {"choices": [{"index": 0, "delta": {"role": "assistant", "content": None}}]},
        *(
            {"choices": [{"delta": {"content": told[at : at + 50]}}]}
            for at in range(0, len(told), 50)
        ),
    ]
    async with analyst("events") as (asking, stub):
        stub.body = b"".join(event(one) for one in events) + b"data: [DONE]\n\n"
        found = await asking.analyse(ANSWERS, lambda _step, _percent: None)

    assert found.blockers[0].text == "Hiring bottle necks."
