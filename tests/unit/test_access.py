"""What roles admit to."""

import pytest

from domain.access import Access, Caller, admits, shares_activities


@pytest.mark.parametrize(
    ("access", "roles", "admitted"),
    [
        ("public", set(), True),
        ("user", set(), False),
        ("user", {"user"}, True),
        ("user", {"service"}, True),
        ("service", {"user"}, False),
        ("service", {"service"}, True),
        ("service", {"admin"}, False),
        ("admin", {"user", "service"}, False),
        ("admin", {"admin"}, True),
    ],
)
def test_roles_admit_to_what_they_name(access: Access, roles: set[str], *, admitted: bool) -> None:
    assert admits(access, frozenset(roles)) is admitted


def caller_with(*roles: str) -> Caller:
    return Caller(user_id="u", roles=frozenset(roles), token_id="t", family="f", expires_at_ms=0)


def test_a_caller_knows_its_powers() -> None:
    caller = caller_with("user", "admin")

    assert caller.is_admin
    assert not caller.is_service


@pytest.mark.parametrize(("role", "shared"), [("user", False), ("service", True), ("admin", True)])
def test_what_services_and_administrators_make_is_for_everybody(role: str, *, shared: bool) -> None:
    assert shares_activities(caller_with(role)) is shared
