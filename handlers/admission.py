"""Who may use an endpoint, and how often."""

from domain.access import Access, admits, guest, roles_for
from domain.errors import Forbidden, NotAuthenticated
from handlers.base import ApiHandler


async def admit(handler: ApiHandler, access: Access) -> None:
    """Let the caller in, once for each request; they are known from then on.

    Raises NotAuthenticated, Forbidden, TooMany, Unavailable.
    """
    if handler.admitted:
        return
    handler.admitted = True
    if access == "public":
        return
    anonymous = handler.credential() is None
    if access == "guest" and anonymous:
        await _admit_guest(handler)
        return
    if access == "open" and anonymous and handler.services.settings.review_auth == "open":
        await handler.services.limiter.check_guest(str(handler.request.remote_ip))
        return
    handler.caller = handler.asker = await handler.authenticate()
    if handler.limited:
        await handler.services.limiter.check_user(handler.caller.user_id)
    if not admits(access, handler.caller.roles):
        raise Forbidden(f"This needs the role {roles_for(access)}.")
    await handler.services.provisioner.ensure(handler.caller)


async def _admit_guest(handler: ApiHandler) -> None:
    """Let in somebody without a token: all of them are one user, but limited each by address."""
    if not handler.services.settings.guests:
        raise NotAuthenticated("Send `Authorization: Bearer <token>`.")
    await handler.services.limiter.check_guest(str(handler.request.remote_ip))
    handler.caller = guest(handler.services.clock())
    await handler.services.provisioner.ensure(handler.caller)
