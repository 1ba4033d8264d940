"""What a user has paid for, and whether that holds at an instant."""

from dataclasses import dataclass
from typing import Final

PLANS: Final = ("free", "pro", "pro_monthly", "pro_yearly")
STATUSES: Final = ("active", "trialing", "past_due", "canceled", "expired")
PAYING: Final = frozenset({"active", "trialing"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """A plan and how long it holds. Instants are ms."""

    plan: str = "free"
    """One of `PLANS`."""
    status: str = "active"
    """One of `STATUSES`, as the billing system says."""
    started_at: int | None = None
    """It holds from then on; None has always held."""
    expires_at: int | None = None
    """It holds until then; None holds for ever."""

    def is_pro(self, now: int) -> bool:
        """Whether what needs Pro is open at this instant."""
        begun = self.started_at is None or self.started_at <= now
        over = self.expires_at is not None and self.expires_at <= now
        return self.plan != "free" and self.status in PAYING and begun and not over

    def changes_at(self, now: int) -> int | None:
        """The next instant at which `is_pro` may answer otherwise by time alone."""
        ahead = [at for at in (self.started_at, self.expires_at) if at is not None and at > now]
        return min(ahead, default=None)
