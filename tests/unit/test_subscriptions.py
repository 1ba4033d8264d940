"""What a subscription opens, and when that changes by time alone."""

import pytest

from domain.subscriptions import PLANS, STATUSES, Subscription

NOW = 1_000_000


@pytest.mark.parametrize("plan", PLANS)
@pytest.mark.parametrize("status", STATUSES)
def test_pro_needs_a_plan_and_a_status_that_pays(plan: str, status: str) -> None:
    found = Subscription(plan=plan, status=status).is_pro(NOW)

    assert found == (plan != "free" and status in ("active", "trialing"))


@pytest.mark.parametrize(
    ("began", "over", "expected", "turns"),
    [
        (None, None, True, None),
        (NOW, None, True, None),
        (NOW + 1, None, False, NOW + 1),
        (None, NOW, False, None),
        (None, NOW + 1, True, NOW + 1),
        (NOW + 1, NOW + 5, False, NOW + 1),
        (NOW - 5, NOW + 5, True, NOW + 5),
    ],
)
def test_it_holds_from_its_beginning_until_its_end(
    began: int | None,
    over: int | None,
    expected: bool,  # noqa: FBT001
    turns: int | None,
) -> None:
    found = Subscription(plan="pro", started_at=began, expires_at=over)

    assert (found.is_pro(NOW), found.changes_at(NOW)) == (expected, turns)
