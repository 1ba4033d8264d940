"""The command that loads the built-in activities and programs, as every node does at its start."""

import argparse
from typing import TYPE_CHECKING

from handlers.output import say
from storage.mongo.builtin import built_in_activities, load_built_in
from storage.mongo.client import Mongo
from storage.mongo.indexes import ensure_indexes
from storage.mongo.program_seeds import built_in_programs, load_programs

if TYPE_CHECKING:
    from config.settings import Settings


async def seed(_asked: argparse.Namespace, settings: "Settings", _now_ms: int) -> int:
    """Add the built-in activities and programs that are missing, and update those that nobody edited."""
    mongo = Mongo(str(settings.mongo_url), settings.mongo_db)
    try:
        await mongo.require_transactions()
        await ensure_indexes(mongo.db)
        activities = await load_built_in(mongo.db, built_in_activities())
        programs = await load_programs(mongo.db, built_in_programs())
    finally:
        mongo.close()
    for name, loaded in (("activities", activities), ("programs", programs)):
        say(f"{name}: {loaded.added} added, {loaded.changed} changed, {loaded.kept} kept")
    return 0
