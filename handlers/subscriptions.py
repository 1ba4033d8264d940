"""What users have paid for: told by the billing system, a service."""

from domain.accounts import is_user_id
from domain.errors import NotFound
from domain.subscriptions import Subscription
from handlers.base import ApiHandler
from handlers.endpoint import endpoint
from handlers.schemas.subscriptions import (
    SubscriptionBody,
    SubscriptionView,
    subscription_view,
)


class SubscriptionHandler(ApiHandler):
    """/api/v1/users/{user_id}/subscription/"""

    @endpoint(
        summary="Set a user's subscription",
        body=SubscriptionBody,
        returns=SubscriptionView,
        access="service",
    )
    async def put(self, *, user_id: str, **told: object) -> dict[str, object]:
        if not is_user_id(user_id):
            raise NotFound("There is no such user.")
        subscription = Subscription(**told)  # type: ignore[arg-type]
        await self.services.users.subscribe(user_id, subscription)
        await self.services.programs.forget_list(user_id)
        return subscription_view(subscription, self.services.clock())

    @endpoint(summary="A user's subscription", returns=SubscriptionView, access="service")
    async def get(self, *, user_id: str) -> dict[str, object]:
        user = await self.services.users.get(user_id)
        if user is None:
            raise NotFound("There is no such user.")
        return subscription_view(user.subscription, self.services.clock())


ROUTES = ((r"/api/v1/users/(?P<user_id>[^/]+)/subscription", SubscriptionHandler),)
