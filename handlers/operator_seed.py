"""The command that loads the built-in activities, as every node does at its start."""

import argparse
from typing import TYPE_CHECKING

from handlers.output import say
from storage.mongo.builtin import built_in_activities, load_built_in
from storage.mongo.client import Mongo
from storage.mongo.indexes import ensure_indexes

if TYPE_CHECKING:
    from config.settings import Settings


async def seed(_asked: argparse.Namespace, settings: "Settings", _now_ms: int) -> int:
    """Add the built-in activities that are missing, and update those that nobody edited."""
    mongo = Mongo(str(settings.mongo_url), settings.mongo_db)
    try:
        await mongo.require_transactions()
        await ensure_indexes(mongo.db)
        loaded = await load_built_in(mongo.db, built_in_activities())
    finally:
        mongo.close()
    say(f"activities: {loaded.added} added, {loaded.changed} changed, {loaded.kept} kept")
    return 0
