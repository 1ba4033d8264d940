"""Web push: the caller's browsers, a test notice, and the daily reminder."""

import uuid
from collections.abc import Mapping
from http import HTTPStatus

from domain import notices
from domain.errors import InvalidInput, NotFound
from domain.push_endpoints import accept_endpoint, accept_subscription
from handlers.base import ApiHandler
from handlers.endpoint import endpoint
from handlers.schemas.push import (
    EndpointBody,
    PushKeyView,
    PushSubscriptionBody,
    PushSubscriptionsView,
    PushSubscriptionView,
    ReminderBody,
    ReminderView,
    SentView,
    reminder_view,
    subscription_view,
)

NOT_SET_UP = "Push is not set up on this server."


class PushHandler(ApiHandler):
    """What the push endpoints share."""

    def require_push(self) -> str:
        """The key that browsers subscribe with; raises NotFound while push is not set up."""
        key = self.services.push.public_key
        if key is None:
            raise NotFound(NOT_SET_UP)
        return key


class PushKeyHandler(PushHandler):
    """/api/v1/push/key/"""

    @endpoint(
        summary="The key that a page subscribes with",
        returns=PushKeyView,
        statuses={404: NOT_SET_UP},
    )
    async def get(self) -> dict[str, str]:
        return {"public_key": self.require_push()}


class PushSubscriptionsHandler(PushHandler):
    """/api/v1/push/subscriptions/"""

    @endpoint(
        summary="Let this browser be told, in place of any user it belonged to before",
        body=PushSubscriptionBody,
        returns=PushSubscriptionView,
        status=HTTPStatus.CREATED,
        statuses={404: NOT_SET_UP},
    )
    async def post(
        self, *, endpoint: str, expires_at: int | None, keys: Mapping[str, str]
    ) -> dict[str, object]:
        self.require_push()
        hosts = self.services.settings.push_hosts
        subscription = accept_subscription(endpoint, keys, expires_at, hosts)
        kept = await self.services.push.subscriptions.add(self.caller.user_id, subscription)
        return subscription_view(kept)

    @endpoint(summary="List the caller's browsers", returns=PushSubscriptionsView)
    async def get(self) -> dict[str, object]:
        kept = await self.services.push.subscriptions.of_user(self.caller.user_id)
        return {"results": [subscription_view(one) for one in kept]}

    @endpoint(
        summary="Tell this browser nothing more",
        body=EndpointBody,
        status=HTTPStatus.NO_CONTENT,
    )
    async def delete(self, *, endpoint: str) -> None:
        try:
            known = accept_endpoint(endpoint, self.services.settings.push_hosts)
        except InvalidInput:
            # Its host may have been taken off the list since.
            known = endpoint
        await self.services.push.subscriptions.remove(self.caller.user_id, known)


class PushTestHandler(PushHandler):
    """/api/v1/push/test/"""

    @endpoint(
        summary="Send a notice to all of one's own browsers, to see whether it arrives",
        returns=SentView,
        status=HTTPStatus.ACCEPTED,
        statuses={404: NOT_SET_UP},
    )
    async def post(self) -> dict[str, int]:
        self.require_push()
        user_id, push = self.caller.user_id, self.services.push
        await self.services.limiter.check("push_test", user_id)
        test = notices.trial(user_id=user_id, at=self.services.clock())
        await push.notices.add(test, key=f"test:{uuid.uuid4()}")
        return {"subscriptions": len(await push.subscriptions.of_user(user_id))}


class PushReminderHandler(PushHandler):
    """/api/v1/push/reminder/"""

    @endpoint(summary="Read one's daily reminder", returns=ReminderView)
    async def get(self) -> dict[str, object]:
        return reminder_view(await self.services.push.reminding.chosen(self.caller.user_id))

    @endpoint(
        summary="Set one's daily reminder, in the time zone of the profile",
        body=ReminderBody,
        returns=ReminderView,
    )
    async def put(self, *, enabled: bool, time: str) -> dict[str, object]:
        reminding = self.services.push.reminding
        chosen = await reminding.choose(self.caller.user_id, enabled=enabled, time=time)
        return reminder_view(chosen)


ROUTES = (
    (r"/api/v1/push/key", PushKeyHandler),
    (r"/api/v1/push/subscriptions", PushSubscriptionsHandler),
    (r"/api/v1/push/test", PushTestHandler),
    (r"/api/v1/push/reminder", PushReminderHandler),
)
