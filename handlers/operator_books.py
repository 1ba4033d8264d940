"""Commands of operators about the books."""

import argparse
from contextlib import aclosing
from typing import TYPE_CHECKING, Final

from domain.text import counted
from handlers.output import say
from storage.mongo.audit import Audit
from storage.mongo.client import Mongo

if TYPE_CHECKING:
    from config.settings import Settings

PATIENCE_S: Final = 600.0
"""For the sums over everything there is."""


async def verify_ledger(_asked: argparse.Namespace, settings: "Settings", _now_ms: int) -> int:
    """Prove that totals, ledger, sessions, days and programs agree; print where they do not."""
    mongo = Mongo(str(settings.mongo_url), settings.mongo_db, patience_s=PATIENCE_S)
    audit, differences = Audit(mongo), 0
    try:
        async with aclosing(audit.differences()) as found:
            async for one in found:
                differences += 1
                amounts = f"{one.book}: {one.amount}\t{one.other}: {one.other_amount}"
                say(f"{one.user_id}\t{one.field}\t{amounts}")
    finally:
        mongo.close()
    told = [
        counted(audit.users, "user"),
        counted(audit.sessions, "session"),
        counted(audit.enrollments, "enrolment"),
        counted(differences, "difference"),
    ]
    say(", ".join(told))
    return 1 if differences else 0
