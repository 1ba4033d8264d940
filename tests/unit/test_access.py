"""What roles admit to."""

import pytest

from domain.access import (
    Access,
    Caller,
    admits,
    guest,
    roles_for,
    shares_activities,
    stand_in,
)


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
        ("staff", {"user"}, False),
        ("staff", {"service"}, True),
        ("staff", {"admin"}, True),
        ("guest", {"user"}, True),
        ("guest", set(), False),
    ],
)
def test_roles_admit_to_what_they_name(access: Access, roles: set[str], *, admitted: bool) -> None:
    assert admits(access, frozenset(roles)) is admitted


def test_whose_word_is_enough_gets_the_least() -> None:
    nobody, somebody = guest(5), stand_in("ada", 5)

    assert (nobody.user_id, nobody.roles) == ("demo_user", frozenset())
    assert (somebody.user_id, somebody.roles) == ("ada", frozenset({"user"}))
    assert not any(admits(access, nobody.roles) for access in ("user", "service", "admin", "staff"))
    assert roles_for("staff") == "admin or service"


def caller_with(*roles: str) -> Caller:
    return Caller(user_id="u", roles=frozenset(roles), token_id="t", family="f", expires_at_ms=0)


def test_a_caller_knows_its_powers() -> None:
    caller = caller_with("user", "admin")

    assert caller.is_admin
    assert not caller.is_service


@pytest.mark.parametrize(("role", "shared"), [("user", False), ("service", True), ("admin", True)])
def test_what_services_and_administrators_make_is_for_everybody(role: str, *, shared: bool) -> None:
    assert shares_activities(caller_with(role)) is shared
