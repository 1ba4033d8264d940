"""What roles admit to."""

import pytest

from domain.access import Access, Caller, admits


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


def test_a_caller_knows_its_powers() -> None:
    caller = Caller(
        user_id="u",
        roles=frozenset({"user", "admin"}),
        token_id="t",
        family="f",
        expires_at_ms=0,
    )

    assert caller.is_admin
    assert not caller.is_service
