"""The command that loads what comes with the service, as every node does at its start."""

import argparse
from typing import TYPE_CHECKING

from handlers.output import say
from storage.mongo.builtin import built_in_activities, load_built_in
from storage.mongo.client import Mongo
from storage.mongo.indexes import ensure_indexes
from storage.mongo.program_seeds import built_in_programs, load_programs
from storage.mongo.questionnaire import built_in_questions, load_questions

if TYPE_CHECKING:
    from config.settings import Settings


async def seed(_asked: argparse.Namespace, settings: "Settings", _now_ms: int) -> int:
    """Add the activities, programs and questions that are missing; update what nobody edited."""
    mongo = Mongo(str(settings.mongo_url), settings.mongo_db)
    try:
        await mongo.require_transactions()
        await ensure_indexes(mongo.db)
        activities = await load_built_in(mongo.db, built_in_activities())
        programs = await load_programs(mongo.db, built_in_programs())
        questions = await load_questions(mongo.db, built_in_questions())
    finally:
        mongo.close()
    done = {"activities": activities, "programs": programs, "questionnaires": questions}
    for name, loaded in done.items():
        say(f"{name}: {loaded.added} added, {loaded.changed} changed, {loaded.kept} kept")
    return 0
