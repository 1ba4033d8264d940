"""Notices for who may have no page open, kept in the transaction of what they tell of."""

from collections.abc import Sequence

from domain.notices import Notice
from storage.mongo.client import Database
from storage.mongo.notices import add_notice
from storage.mongo.transactions import Transaction


async def notify(
    db: Database, user_id: str, notices: Sequence[Notice], *, cause: str, transaction: Transaction
) -> None:
    """Let the notices be sent once for what `cause` names, if a browser of the user wants any."""
    if not notices:
        return
    wanted = await db["push_subscriptions"].find_one(
        {"user_id": user_id}, {"_id": 1}, session=transaction
    )
    if wanted is None:
        return
    for notice in notices:
        await add_notice(db, notice, key=f"{cause}:{notice.tag}", transaction=transaction)
