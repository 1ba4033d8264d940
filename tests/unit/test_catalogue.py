"""The rules of goals and activities, and the file of the built-in ones."""

import dataclasses
from datetime import UTC, datetime

import pytest

from domain.access import Caller
from domain.accounts import is_user_id
from domain.catalogue import (
    ACTIVE,
    BUILT_IN_OWNER,
    LANGUAGES,
    Activity,
    Category,
    Goal,
    category_key,
    may_change,
)
from domain.rates import categories
from handlers.languages import preferred
from handlers.schemas.activities import ActivityBody
from storage.mongo.builtin import built_in_activities

AT = datetime(2025, 1, 15, tzinfo=UTC)
RUNNING = Activity(
    id="1",
    user_id="ada",
    shared=False,
    name="Running",
    emoji="🏃",
    category="Fitness",
    color="#4187a2",
    names={"fa": "دویدن"},
    created_at=AT,
    updated_at=AT,
)
WALKING = Goal(
    id="1",
    user_id="ada",
    title="Walk",
    emoji="🎯",
    category=Category(name="General", color="#4187a2"),
    status=ACTIVE,
    days_total=30,
    created_at=AT,
    updated_at=AT,
)


def caller(user_id: str, role: str) -> Caller:
    return Caller(
        user_id=user_id, roles=frozenset({role}), token_id="t", family="", expires_at_ms=1
    )


@pytest.mark.parametrize("shared", [True, False])
@pytest.mark.parametrize("user_id", ["ada", "bob"])
@pytest.mark.parametrize("role", ["user", "service", "admin"])
def test_who_may_change_an_activity(role: str, user_id: str, *, shared: bool) -> None:
    activity = dataclasses.replace(RUNNING, shared=shared)

    expected = role != "user" if shared else user_id == "ada"
    assert may_change(caller(user_id, role), activity) is expected


@pytest.mark.parametrize("status", ["active", "completed", "archived"])
def test_only_what_is_archived_is_put_away(status: str) -> None:
    assert dataclasses.replace(WALKING, status=status).archived is (status == "archived")
    assert dataclasses.replace(RUNNING, status=status).archived is (status == "archived")


def test_a_name_that_is_missing_is_the_usual_one() -> None:
    assert [RUNNING.named_in(language) for language in ("en", "fa", "de")] == [
        "Running",
        "دویدن",
        "Running",
    ]


def test_categories_are_compared_without_case_and_outer_spaces() -> None:
    assert category_key(" CREATIVITY ") == category_key("Creativity")
    assert category_key("STRASSE") == category_key("straße")


@pytest.mark.parametrize(
    ("asked", "accept", "language"),
    [
        (None, "", "en"),
        ("fa", "", "fa"),
        ("fa", "en", "fa"),
        ("en", "fa", "en"),
        (None, "fa", "fa"),
        (None, "FA-ir", "fa"),
        (None, "fa-IR,fa;q=0.9,en;q=0.8", "fa"),
        (None, "en,fa", "en"),
        (None, "de, fa;q=0.3", "fa"),
        (None, "en;q=0.3, fa;q=0.30001", "fa"),
        (None, "fa;q=0", "en"),
        (None, "fa;q=0.0,de", "en"),
        (None, "*", "en"),
        (None, "farsi", "en"),
        (None, "en;q=0.5,fa;q=9", "fa"),
        (None, "fa;q=-1", "en"),
        (None, "fa;q=nan", "en"),
        (None, "fa;q=1e9", "en"),
        (None, "fa;q=", "en"),
        (None, "fa;level=1", "en"),
        (None, ",;,;q=,fa;q=٣", "en"),
        (None, f"fa;q={'9' * 5000}", "fa"),
    ],
)
def test_the_language_of_the_reader(asked: str | None, accept: str, language: str) -> None:
    assert preferred(asked, accept) == language


def test_every_category_of_the_table_has_built_in_activities() -> None:
    documents = built_in_activities()

    assert len(documents) >= 60
    assert {document["category_key"] for document in documents} == set(categories())
    assert len({document["_id"] for document in documents}) == len(documents)
    assert len({document["name"] for document in documents}) == len(documents)


def test_built_in_activities_are_as_sound_as_those_of_users() -> None:
    fields = ("name", "emoji", "category", "color")
    for document in built_in_activities():
        told = {name: document[name] for name in fields}
        assert ActivityBody().load(told) == told
        assert set(document["names"]) == set(LANGUAGES[1:])
        for name in document["names"].values():
            assert ActivityBody().load(told | {"name": name})["name"] == name
        assert document["shared"] is True


def test_built_in_activities_are_the_same_everywhere_and_nobodys() -> None:
    (first, *_), again = built_in_activities(), built_in_activities()

    assert built_in_activities() == again
    # The ids are in databases: another file, or another way to make them, must keep them.
    assert first["_id"] == "e5cd3af8-8647-536d-9305-252ebb4be064"
    assert {document["user_id"] for document in again} == {BUILT_IN_OWNER}
    assert not is_user_id(BUILT_IN_OWNER)
