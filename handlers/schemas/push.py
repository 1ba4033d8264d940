"""What the push endpoints read and write."""

from marshmallow import fields

from domain import push_endpoints, reminders
from domain.reminders import Reminder
from handlers.schemas.accounts import rule
from handlers.schemas.common import LATEST_MS, Flag, Instant, Schema, StrictInt, Text
from storage.mongo.push_subscriptions import Kept

KEY_MAX_CHARS = 100


class PushKeyView(Schema):
    """What a page subscribes with: `applicationServerKey`, in base64url."""

    public_key = fields.String()


class PushSubscriptionKeys(Schema):
    """A browser's public key and its secret, in base64url."""

    p256dh = Text(min=1, max=KEY_MAX_CHARS, required=True)
    auth = Text(min=1, max=KEY_MAX_CHARS, required=True)


class PushSubscriptionBody(Schema):
    """A PushSubscription as its `toJSON` writes it."""

    endpoint = Text(min=1, max=push_endpoints.ENDPOINT_MAX_CHARS, required=True)
    expires_at = StrictInt(
        data_key="expirationTime", minimum=0, maximum=LATEST_MS, allow_none=True, load_default=None
    )
    keys = fields.Nested(PushSubscriptionKeys, required=True)


class EndpointBody(Schema):
    """Which subscription is meant."""

    endpoint = Text(min=1, max=push_endpoints.ENDPOINT_MAX_CHARS, required=True)


class PushSubscriptionView(Schema):
    """A browser of the caller: its push service, and since when it is theirs."""

    host = fields.String()
    created_at = Instant()


class PushSubscriptionsView(Schema):
    """All browsers of the caller."""

    results = fields.List(fields.Nested(PushSubscriptionView))


class SentView(Schema):
    """To how many browsers a notice is on its way."""

    subscriptions = fields.Integer()


class ReminderBody(Schema):
    """Whether to be reminded daily, and at which time of one's own wall clock."""

    enabled = Flag(required=True)
    time = Text(
        # The rule tells better than a length what is wrong.
        max=20,
        required=True,
        validate=rule(reminders.accept_time, "time"),
        metadata={"example": reminders.DEFAULT_TIME},
    )


class ReminderView(Schema):
    """The caller's reminder; `next_at` is null while it is off."""

    enabled = fields.Boolean()
    time = fields.String()
    next_at = Instant(allow_none=True)


def subscription_view(kept: Kept) -> dict[str, object]:
    """Lay a subscription out for `PushSubscriptionView`."""
    return {"host": kept.subscription.host, "created_at": kept.created_at}


def reminder_view(chosen: Reminder) -> dict[str, object]:
    """Lay a reminder out for `ReminderView`."""
    return {"enabled": chosen.enabled, "time": chosen.time, "next_at": chosen.next_at}
