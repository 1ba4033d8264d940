"""The questions that come with the service, and what administrators make of them."""

from typing import Any

import pytest

from config.settings import Settings
from domain.reviews import QUESTIONS, Question
from storage.mongo.client import Mongo
from storage.mongo.indexes import ensure_indexes
from storage.mongo.questionnaire import Questionnaires, built_in_questions, load_questions


def newer() -> dict[str, Any]:
    """The questionnaire of a later version."""
    told = built_in_questions()
    active = [{**told["active"][0], "prompt": "What do you want?"}, *told["active"][1:]]
    return {**told, "active": active, "seed": "later"}


def test_the_file_has_five_questions_with_ids_of_their_own() -> None:
    told = built_in_questions()["active"]

    assert [one["order"] for one in told] == list(range(1, QUESTIONS + 1))
    assert len({one["id"] for one in told}) == QUESTIONS


@pytest.mark.gen_test
async def test_a_newer_file_counts_until_somebody_has_edited_the_questions(
    settings: Settings,
) -> None:
    mongo = Mongo(str(settings.mongo_url), settings.mongo_db)
    await ensure_indexes(mongo.db)
    book = Questionnaires(mongo.db)
    first = await load_questions(mongo.db, built_in_questions())
    again = await load_questions(mongo.db, built_in_questions())
    later = await load_questions(mongo.db, newer())
    known = await book.get()
    edited = await book.replace(known, known.active[::-1], (Question(id=9, prompt="x", order=1),))
    ignored = await load_questions(mongo.db, built_in_questions())
    kept = await book.get()
    mongo.close()

    assert (first.added, again.kept, later.changed, ignored.kept) == (1, 1, 1, 1)
    assert (known.rev, known.active[0].prompt) == (2, "What do you want?")
    assert kept == edited
    assert kept.rev == 3
