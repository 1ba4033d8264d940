"""The socket of an analysis: snapshot, both ways to begin, what becomes of it, as documented."""

import asyncio
import uuid

import pytest

from config.settings import Settings
from handlers.schemas.okr import checked_result
from tests.analyses import open_desk, payload
from tests.fakes import DrivenClock
from tests.okr_sample import DASHBOARD
from tests.reviewing import ANSWERS, NOWHERE, TONE, begin

pytestmark = pytest.mark.kept_database


@pytest.mark.gen_test
async def test_the_first_frame_says_how_it_stands(settings: Settings, clock: DrivenClock) -> None:
    async with open_desk(settings, clock) as desk:
        unknown = await desk.follow(NOWHERE)
        review = await begin(desk.site)
        fresh = await desk.follow(review.id.upper())
        nothing = {"type": "status", "session_id": None, "error": None, "result": None}

        assert await unknown.next() == {
            **nothing,
            "status": "not_found",
            "review_session_id": NOWHERE,
        }
        assert await fresh.next() == {
            **nothing,
            "status": "not_completed",
            "review_session_id": review.id,
        }


@pytest.mark.gen_test
async def test_a_review_is_analysed_as_the_document_has_it(
    settings: Settings, clock: DrivenClock
) -> None:
    async with open_desk(settings, clock) as desk:
        review = await desk.answered()
        client = await desk.follow(review.id)
        await client.next("status")
        accepted = await client.ask({"review_session_id": review.id})
        result = await client.next("result")

        analysis_id = accepted["session_id"]
        assert accepted == {"type": "accepted", "session_id": str(uuid.UUID(analysis_id))}
        assert analysis_id != review.id
        kinds = [frame["type"] for frame in client.frames if frame["type"] != "progress"]
        assert kinds == ["status", "accepted", "status", "status", "status", "result"]
        assert client.course == ["not_completed", "pending", "running", "succeeded"]
        ended = client.frames[-2]
        assert ended == {
            "type": "status",
            "status": "succeeded",
            "session_id": analysis_id,
            "review_session_id": review.id,
            "error": None,
            "result": None,
        }
        assert checked_result(result["data"]) == result["data"]
        assert result["data"]["engine"] == {"name": "builtin", "model": None}
        assert result["data"]["unread"] == []
        for either_id in (review.id, analysis_id):
            later = await desk.follow(either_id)
            assert await later.next() == {**ended, "result": result["data"]}


@pytest.mark.gen_test
async def test_five_answers_are_analysed_without_a_review(
    settings: Settings, clock: DrivenClock
) -> None:
    async with open_desk(settings, clock) as desk:
        session_id = str(uuid.uuid4())
        client = await desk.follow(session_id)
        accepted = await client.ask(payload(session_id))
        ended = await client.status("succeeded")
        bare = await desk.follow(other := str(uuid.uuid4()))
        taken = await bare.ask(payload())

        assert accepted["session_id"] == session_id
        assert (ended["session_id"], ended["review_session_id"]) == (session_id, None)
        assert taken == {"type": "accepted", "session_id": other}


@pytest.mark.gen_test
async def test_answers_sent_for_a_review_are_its_analysis(
    settings: Settings, clock: DrivenClock
) -> None:
    async with open_desk(settings, clock) as desk:
        review = await begin(desk.site)
        client = await desk.follow(review.id)
        accepted = await client.ask(payload(review.id))
        ended = await client.status("succeeded")

        assert accepted["session_id"] != review.id
        assert ended["review_session_id"] == review.id


INVALID: list[tuple[object, str]] = [
    ({}, "answers: Send `review_session_id`, or five answers."),
    ({"session_id": NOWHERE}, "answers: Send `review_session_id`, or five answers."),
    (
        {"review_session_id": NOWHERE, "session_id": str(uuid.UUID(int=1))},
        "session_id: Must be the same as `review_session_id`.",
    ),
    ({"review_session_id": "75c6d5c2"}, "review_session_id: Not a UUID."),
    ({"review_session_id": {"ne": None}}, "review_session_id: Not a UUID."),
    ({"review_session_id": NOWHERE}, "Session not found."),
    (payload(answers=ANSWERS[:4]), "answers: Must have the orders 1 to 5, each once."),
    (
        {"answers": payload()["answers"][:4] + payload()["answers"][:1]},
        "answers: Must have the orders 1 to 5, each once.",
    ),
    (payload(answers=[*ANSWERS[:4], "  "]), "answers.4.answer: Must not be blank."),
    (payload(answers=[*ANSWERS[:4], "x" * 10_001]), "answers.4.answer: Longer than 10000"),
    ({**payload(), "result": {}}, "result: Unknown field."),
    ({"answers": "all"}, "answers: Not a valid list."),
    ([1, 2], "A frame is a JSON object."),
    ("not JSON", "The body is not JSON"),
]


@pytest.mark.gen_test
async def test_what_cannot_be_analysed_is_refused_in_words(
    settings: Settings, clock: DrivenClock
) -> None:
    async with open_desk(settings, clock) as desk:
        client = await desk.follow(NOWHERE)
        for frame, said in INVALID:
            refused = await client.ask(frame)
            assert refused["type"] == "error", frame
            if frame != "not JSON":
                assert refused["message"].startswith(said), (frame, refused)
        later = await desk.follow(NOWHERE)

        assert (await later.next())["status"] == "not_found"


@pytest.mark.gen_test
async def test_a_review_with_open_questions_is_not_analysed(
    settings: Settings, clock: DrivenClock
) -> None:
    async with open_desk(settings, clock) as desk:
        review = await begin(desk.site)
        await review.answer(1)
        client = await desk.follow(review.id)
        refused = await client.ask({"review_session_id": review.id})

        assert refused["message"] == "Missing answer for question 2."
        assert client.course == ["not_completed"]


@pytest.mark.gen_test
async def test_a_trigger_while_it_runs_joins_it_and_one_after_it_begins_anew(
    settings: Settings, clock: DrivenClock
) -> None:
    async with open_desk(settings, clock, advised=True) as desk:
        desk.model.mode = "slow"
        review = await desk.answered()
        first = await desk.follow(review.id)
        second = await desk.follow(review.id)
        accepted = await first.ask({"review_session_id": review.id})
        await first.status("running")
        joined = await second.ask({"review_session_id": review.id})
        desk.model.released.set()
        results = [await client.next("result") for client in (first, second)]
        desk.model.mode = "good"
        again = await second.ask({"review_session_id": review.id})
        await first.next("result")

        assert accepted == joined == again
        assert results[0] == results[1]
        assert len(desk.model.asked) == 2
        assert first.course == [
            "not_completed", "pending", "running", "succeeded", "pending", "running", "succeeded"
        ]  # fmt: skip


@pytest.mark.gen_test
async def test_two_triggers_at_once_make_one_analysis(
    settings: Settings, clock: DrivenClock
) -> None:
    async with open_desk(settings, clock, advised=True) as desk:
        review = await desk.answered()
        clients = [await desk.follow(review.id) for _ in range(8)]
        accepted = await asyncio.gather(
            *(client.ask({"review_session_id": review.id}) for client in clients)
        )
        for client in clients:
            await client.status("succeeded")
        async with desk.site.mongo() as database:
            analyses = await database["analyses"].find({"review_id": review.id}).to_list(None)

        assert len({one["session_id"] for one in accepted}) == 1
        assert [(one["state"], one["run"]) for one in analyses] == [("succeeded", 1)]
        assert len(desk.model.asked) == 1
        assert all(client.course[-3:] == ["pending", "running", "succeeded"] for client in clients)


@pytest.mark.gen_test
async def test_a_model_answers_piece_by_piece_and_its_dashboard_is_the_result(
    settings: Settings, clock: DrivenClock
) -> None:
    async with open_desk(settings, clock, advised=True) as desk:
        review = await desk.answered()
        client = await desk.follow(review.id)
        await client.ask({"review_session_id": review.id})
        result = (await client.next("result"))["data"]

        assert result["engine"] == {"name": "llm", "model": "m"}
        assert result["objective"] == DASHBOARD["objective"]
        assert result["key_results"][0] == {**DASHBOARD["key_results"][0], "baseline": 5.0}
        assert desk.model.asked[0]["stream"] is True
        form = desk.model.asked[0]["response_format"]["json_schema"]
        assert (form["name"], form["strict"]) == ("okr_dashboard", True)
        assert set(form["schema"]["required"]) == set(DASHBOARD)
        assert desk.model.words()["answers"][1]["answer"] == "Hiring bottlenecks."
        assert client.steps[-1:] == ["checking"] or client.steps == []


@pytest.mark.gen_test
async def test_progress_names_its_step_and_never_goes_back(
    settings: Settings, clock: DrivenClock
) -> None:
    async with open_desk(settings, clock, advised=True) as desk:
        desk.model.mode = "slow"
        review = await desk.answered()
        client = await desk.follow(review.id)
        await client.ask({"review_session_id": review.id})
        progress = await client.next("progress")
        desk.model.released.set()
        await client.next("result")

        assert progress == {"type": "progress", "step": "analysing", "percent": 30}
        told = [frame["percent"] for frame in client.frames if frame["type"] == "progress"]
        assert told == sorted(told)


@pytest.mark.gen_test
async def test_an_answer_that_nobody_could_read_is_named(
    settings: Settings, clock: DrivenClock
) -> None:
    async with open_desk(settings, clock) as desk:
        review = await begin(desk.site)
        for number in (1, 2):
            await review.answer(number, ANSWERS[number - 1])
        assert (await review.speak(3, TONE)).status == 201
        for number in (4, 5):
            await review.answer(number, ANSWERS[number - 1])
        client = await desk.follow(review.id)
        await client.ask({"review_session_id": review.id})
        result = (await client.next("result"))["data"]

        assert result["unread"] == [{"order": 3, "question_id": 3, "reason": "no_transcription"}]


@pytest.mark.gen_test
async def test_what_only_was_said_and_nobody_heard_cannot_be_analysed(
    settings: Settings, clock: DrivenClock
) -> None:
    async with open_desk(settings, clock) as desk:
        review = await begin(desk.site)
        for number in range(1, 6):
            assert (await review.speak(number, TONE)).status == 201
        client = await desk.follow(review.id)
        await client.ask({"review_session_id": review.id})
        ended = await client.status("failed")
        told = await client.next()

        assert ended["error"] == "No answer could be read."
        assert told == {"type": "error", "message": "No answer could be read."}


@pytest.mark.gen_test
async def test_health_as_the_document_has_it(settings: Settings, clock: DrivenClock) -> None:
    async with open_desk(settings, clock) as desk:
        health = await desk.open("/ws/health/")
        _, first = await health.socket.frame()

        assert first == b'{"status":"ok","message":"connected"}'
        health.say({"action": "db_ping"})
        assert await health.next() == {"type": "db_ping", "ok": True}
        for payload_ in ({"a": [1, {"b": None}]}, {}, [1], "text", 1, None, {"action": "x"}):
            health.say("null" if payload_ is None else payload_ if payload_ != "text" else '"text"')
            assert await health.next() == {"type": "echo", "data": payload_}
        health.say("not JSON")
        assert (await health.next())["type"] == "error"


@pytest.mark.gen_test
async def test_a_trigger_from_another_address_is_followed_all_the_same(
    settings: Settings, clock: DrivenClock
) -> None:
    async with open_desk(settings, clock, advised=True) as desk:
        desk.model.mode = "slow"
        review = await desk.answered()
        first, second = await desk.follow(NOWHERE), await desk.follow(str(uuid.uuid4()))
        await first.ask({"review_session_id": review.id})
        await first.status("running")
        await second.ask({"review_session_id": review.id})
        await second.status("running")
        desk.model.released.set()
        results = [await client.next("result") for client in (first, second)]

        assert results[0] == results[1]
        assert first.course == ["not_found", "pending", "running", "succeeded"]
        assert second.course == ["not_found", "running", "succeeded"]


@pytest.mark.gen_test
async def test_five_long_answers_in_persian_fit_into_a_frame(
    settings: Settings, clock: DrivenClock
) -> None:
    async with open_desk(settings, clock) as desk:
        client = await desk.follow(NOWHERE)
        accepted = await client.ask(payload(answers=["سود و زیان ما " * 700] * 5))
        await client.next("result")

        assert accepted["type"] == "accepted"
