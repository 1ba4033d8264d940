"""The operators' command that builds the leaderboards anew."""

import argparse
from typing import TYPE_CHECKING

from domain.text import counted
from handlers.output import say
from realtime.clock import ClusterClock
from realtime.leaderboards import Leaderboards
from storage.mongo.client import Mongo
from storage.mongo.standings import Standings
from storage.redis.client import connect
from storage.redis.keys import Keys
from storage.redis.leaderboards import Boards
from storage.redis.nodes import Nodes

if TYPE_CHECKING:
    from config.settings import Settings


async def rebuild_leaderboards(
    _asked: argparse.Namespace, settings: "Settings", _now_ms: int
) -> int:
    """Set everybody's scores from MongoDB; nodes may run meanwhile. Raises Unavailable."""
    mongo = Mongo(str(settings.mongo_url), settings.mongo_db)
    redis = connect(str(settings.redis_url))
    keys = Keys(settings.redis_prefix, settings.redis_shards)
    nodes = Nodes(redis, keys)
    # It may take longer than the day lasts, so it reads the clock that nodes read.
    clock = ClusterClock(nodes.time_us)
    leaderboards = Leaderboards(Standings(mongo), Boards(redis, keys), nodes.incarnation, clock)
    try:
        await clock.start()
        done = await leaderboards.rebuild()
    finally:
        await redis.aclose()
        mongo.close()
    say(f"{counted(done.users, 'user')} set, {done.removed} removed")
    return 0
