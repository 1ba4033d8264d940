"""How many there are, in words."""

from domain.text import counted


def test_one_is_not_several() -> None:
    assert [counted(number, "user") for number in (0, 1, 2)] == ["0 users", "1 user", "2 users"]
