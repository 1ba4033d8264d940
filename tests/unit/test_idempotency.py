"""Repeated requests."""

from domain.idempotency import derived_id, digest, new_id


def test_a_key_stands_for_one_id_per_user_and_route() -> None:
    first = new_id("ada", "goals", "k1")

    assert new_id("ada", "goals", "k1") == first
    others = [("ada", "goals", "k2"), ("bob", "goals", "k1"), ("ada", "activities", "k1")]
    assert len({first, *(derived_id(*other) for other in others)}) == 4


def test_without_a_key_every_request_is_new() -> None:
    assert new_id("ada", "goals", None) != new_id("ada", "goals", None)


def test_parts_of_a_key_do_not_run_into_each_other() -> None:
    assert derived_id("a", "b", "c") != derived_id("a", 'b", "c', "")


def test_a_digest_tells_meaning_not_layout() -> None:
    assert digest({"a": 1, "b": {"c": 2, "d": 3}}) == digest({"b": {"d": 3, "c": 2}, "a": 1})
    assert digest({"a": 1}) != digest({"a": "1"})
