"""Commands of operators about the books."""

import argparse
from contextlib import aclosing
from typing import TYPE_CHECKING

from handlers.output import say
from storage.mongo.audit import Audit
from storage.mongo.client import Mongo

if TYPE_CHECKING:
    from config.settings import Settings


async def verify_ledger(_asked: argparse.Namespace, settings: "Settings", _now_ms: int) -> int:
    """Prove that totals, ledger, sessions and days agree; print where they do not."""
    mongo = Mongo(str(settings.mongo_url), settings.mongo_db)
    audit, differences = Audit(mongo), 0
    try:
        async with aclosing(audit.differences()) as found:
            async for one in found:
                differences += 1
                say(f"{one.user_id}\t{one.field}\ttotals {one.totals}\t{one.book} {one.found}")
    finally:
        mongo.close()
    say(f"{audit.users} users, {differences} differences")
    return 1 if differences else 0
