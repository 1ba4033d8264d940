"""The questions that reviews ask: five at a time, edited as one. Raises Unavailable."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from domain.errors import Conflict, Unavailable
from domain.idempotency import digest
from domain.reviews import QUESTIONS, Question, renumbered
from storage.mongo.builtin import Loaded
from storage.mongo.client import Database, Document, translated
from storage.mongo.review_records import question_document, question_from

FILE: Final = Path(__file__).parent / "seeds" / "review_questions.json"
ONE: Final = {"_id": "review"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Questionnaire:
    """What is asked now, and what is asked no more; `rev` grows with each change."""

    rev: int
    active: tuple[Question, ...]
    retired: tuple[Question, ...]


def built_in_questions(path: Path = FILE) -> Document:
    """Read the file: the questionnaire of a service that nobody has edited yet."""
    told: Sequence[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))["questions"]
    questions = renumbered([(one["id"], one["prompt"]) for one in told])
    if len({question.id for question in questions}) != QUESTIONS:
        raise ValueError(f"{path}: {QUESTIONS} questions, each with an id of its own")
    active = [question_document(question) for question in questions]
    return {"rev": 1, "active": active, "retired": [], "seed": digest({"questions": told})}


async def load_questions(db: Database, built_in: Document) -> Loaded:
    """Put the questions of the file in place, unless an administrator has edited them."""
    content = {name: value for name, value in built_in.items() if name != "rev"}
    unedited = {**ONE, "edited": {"$ne": True}, "seed": {"$ne": built_in["seed"]}}
    added = changed = 0
    with translated():
        known = await db["questionnaires"].find_one(ONE, {"seed": 1, "edited": 1})
        if known is None:
            result = await db["questionnaires"].update_one(
                ONE, {"$setOnInsert": built_in}, upsert=True
            )
            added = int(result.upserted_id is not None)
        elif not known.get("edited") and known["seed"] != built_in["seed"]:
            result = await db["questionnaires"].update_one(
                unedited, {"$set": content, "$inc": {"rev": 1}}
            )
            changed = result.modified_count
    return Loaded(added=added, changed=changed, kept=1 - added - changed)


class Questionnaires:
    """The one document of the collection `questionnaires`."""

    def __init__(self, db: Database) -> None:
        self._questionnaires = db["questionnaires"]

    async def get(self) -> Questionnaire:
        """The questionnaire as it is."""
        with translated():
            found = await self._questionnaires.find_one(ONE)
        if found is None:
            raise Unavailable("The questions are not loaded yet; try again shortly.")
        return _questionnaire(found)

    async def replace(
        self, before: Questionnaire, active: tuple[Question, ...], retired: tuple[Question, ...]
    ) -> Questionnaire:
        """Put other questions in the place of those. Raises Conflict if they are others by now."""
        change = {
            "active": [question_document(question) for question in active],
            "retired": [question_document(question) for question in retired],
            "rev": before.rev + 1,
            "edited": True,
        }
        with translated():
            result = await self._questionnaires.update_one(
                {**ONE, "rev": before.rev}, {"$set": change}
            )
        if result.matched_count == 0:
            raise Conflict("The questions have just been changed.")
        return Questionnaire(rev=before.rev + 1, active=active, retired=retired)


def _questionnaire(document: Document) -> Questionnaire:
    return Questionnaire(
        rev=document["rev"],
        active=tuple(question_from(one) for one in document["active"]),
        retired=tuple(question_from(one) for one in document["retired"]),
    )
