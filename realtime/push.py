"""How the sending of notices is put together."""

from collections.abc import Callable
from dataclasses import dataclass

from realtime.notifying import Notifying, PushObservers, Sender
from realtime.reminding import Reminding, Wanted
from realtime.tasks import Tasks
from storage.mongo.client import Database
from storage.mongo.notices import Notices
from storage.mongo.push_subscriptions import PushSubscriptions
from storage.mongo.reminders import Reminders
from storage.mongo.users import Users


@dataclass(frozen=True, kw_only=True)
class Push:
    """Web push on one node; without a key to sign with, nothing is sent."""

    public_key: str | None
    """What browsers subscribe with, in base64url; None while push is not set up."""
    subscriptions: PushSubscriptions
    notices: Notices
    notifying: Notifying | None
    reminding: Reminding


def build_push(
    db: Database,
    sender: Sender | None,
    tasks: Tasks,
    observers: PushObservers,
    clock: Callable[[], int],
    wanted: Wanted,
) -> Push:
    """Put it together; `wanted` knows what to remind of."""
    subscriptions, notices = PushSubscriptions(db, clock), Notices(db, clock)
    notifying = public_key = None
    if sender is not None:
        notifying = Notifying(notices, subscriptions, sender, tasks, observers, clock)
        public_key = sender.public_key
    return Push(
        public_key=public_key,
        subscriptions=subscriptions,
        notices=notices,
        notifying=notifying,
        reminding=Reminding(Reminders(db), Users(db, clock), notices, wanted, clock),
    )
