"""What a subscription looks like on the wire."""

from collections.abc import Mapping
from typing import Any

from marshmallow import ValidationError, fields, validate, validates_schema

from domain import subscriptions
from domain.instants import iso_if
from domain.subscriptions import Subscription
from handlers.schemas.common import Instant, Schema, Text


class SubscriptionBody(Schema):
    """What a user has paid for, as the billing system says it."""

    plan = Text(required=True, max=20, validate=validate.OneOf(subscriptions.PLANS))
    status = Text(max=20, validate=validate.OneOf(subscriptions.STATUSES), load_default="active")
    started_at = Instant(load_default=None, allow_none=True)
    expires_at = Instant(load_default=None, allow_none=True)

    @validates_schema
    def _require_order(self, data: Mapping[str, Any], **_rest: Any) -> None:
        began, over = data.get("started_at"), data.get("expires_at")
        if began is not None and over is not None and over <= began:
            raise ValidationError({"expires_at": ["Not after started_at."]})


class SubscriptionView(Schema):
    """The plan of a user; `is_pro` says whether it opens what needs Pro at this moment."""

    plan = fields.String(validate=validate.OneOf(subscriptions.PLANS))
    status = fields.String(validate=validate.OneOf(subscriptions.STATUSES))
    started_at = fields.String(allow_none=True)
    expires_at = fields.String(allow_none=True)
    is_pro = fields.Boolean()


def subscription_view(subscription: Subscription, now: int) -> dict[str, object]:
    """Lay a subscription out for `SubscriptionView` at `now`, ms."""
    return {
        "plan": subscription.plan,
        "status": subscription.status,
        "started_at": iso_if(subscription.started_at),
        "expires_at": iso_if(subscription.expires_at),
        "is_pro": subscription.is_pro(now),
    }
