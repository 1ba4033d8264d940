"""Strangers, forgers and impatient users meet closed doors on sessions, goals and activities."""

import asyncio
from typing import Any

import jwt
import pytest

from config.settings import Settings
from tests.fakes import DrivenClock
from tests.person import ACTIVITY, GOAL, SESSIONS, Answer, Person, Site, open_site
from tests.stores import JWT_SECRET

NOBODYS = "00000000-0000-4000-8000-000000000000"
GOALS, ACTIVITIES, RATES = "/api/v1/goals/", "/api/v1/activities/", f"{SESSIONS}calculate-rates/"
COMMANDS = ("pause", "resume", "focus", "blur", "distraction", "cancel")
END = {"status": "completed", "xp_total": 5}


def refused(answer: Answer, *expected: tuple[int, str]) -> None:
    assert (answer.status, answer.code) in expected, answer


async def everything(ada: Person) -> list[tuple[str, str, Any]]:
    """Every endpoint of sessions, goals and activities, each with what Ada could do there."""
    plan = await ada.plan()
    path = await ada.start(**plan)
    goal, activity = f"{GOALS}{plan['goal_id']}/", f"{ACTIVITIES}{plan['activity_id']}/"
    return [
        ("POST", SESSIONS, plan),
        ("POST", RATES, plan),
        ("PUT", path, END),
        *(("POST", f"{path}{command}/", None) for command in COMMANDS),
        *(("GET", where, None) for where in (path, goal, f"{goal}sessions/", activity)),
        *(("GET", where, None) for where in (f"{SESSIONS}active/", SESSIONS, GOALS, ACTIVITIES)),
        ("GET", f"{path}timeline/", None),
        *(("DELETE", where, None) for where in (goal, activity)),
        ("PATCH", goal, {"title": "Mine"}),
        ("PATCH", activity, {"name": "Mine"}),
        ("POST", GOALS, GOAL),
        ("POST", ACTIVITIES, ACTIVITY),
    ]


def forgeries(site: Site) -> dict[str, str]:
    """Tokens that claim to be Ada's."""
    now_s = site.clock() // 1000
    good: dict[str, Any] = {
        "sub": "ada",
        "roles": ["user"],
        "token_type": "access",
        "iss": "sessiond",
        "jti": "j",
    }
    good |= {"iat": now_s, "exp": now_s + 600}
    pair = site.node.services.tokens.issue("ada", ("user",), "family", site.clock())
    head, body, seal = pair.access.split(".")
    none = jwt.encode(good, "", "none")
    claims: dict[str, dict[str, Any]] = {
        "expired": {"exp": now_s - 600, "iat": now_s - 1200},
        "not begun": {"nbf": now_s + 600},
        "no type": {"token_type": None},
        "of another issuer": {"iss": "somebody"},
        "for an operator": {"sub": {"$ne": None}},
        "for nobody": {"sub": ""},
        "for a list": {"sub": ["ada"]},
        "expiring never": {"exp": float("inf")},
    }
    return {
        "refresh token": pair.refresh,
        "alg none": none,
        "alg none with a seal": f"{none}{seal}",
        "no seal": f"{head}.{body}.",
        "changed": f"{head}.{body[:-2]}AA.{seal}",
        "another key": jwt.encode(good, "x" * 40, "HS256"),
        "another algorithm": jwt.encode(good, JWT_SECRET.ljust(64, "x"), "HS512"),
        "nonsense": "a.b.c",
        "long": "a" * 12_000,
        **{
            name: jwt.encode({**good, **told}, JWT_SECRET, "HS256") for name, told in claims.items()
        },
    }


@pytest.mark.gen_test(timeout=30)
async def test_every_endpoint_refuses_every_forged_token(site: Site, ada: Person) -> None:
    endpoints = await everything(ada)
    before = await site.contents()
    tokens = {"none": "", **forgeries(site)}
    for name, token in tokens.items():
        forger = Person(site=site, user_id="ada", bearer=token)
        for method, path, body in endpoints:
            answer = await forger.ask(method, path, body)
            assert (answer.status, answer.code) == (401, "not_authenticated"), (name, path)
            assert "Bearer" in answer.headers["WWW-Authenticate"]
    for method, path, body in endpoints:
        in_query = await ada.ask(
            method, f"{path}?token={ada.site.token('ada')}", body, Authorization=""
        )
        refused(in_query, (401, "not_authenticated"))

    assert await site.contents() == before


@pytest.mark.gen_test(timeout=15)
async def test_another_user_finds_nothing_of_adas(site: Site, ada: Person) -> None:
    endpoints = await everything(ada)
    own = (SESSIONS, RATES, GOALS, ACTIVITIES, f"{SESSIONS}active/")
    bob, unknown = site.person("bob"), f"{SESSIONS}{NOBODYS}/"
    await bob.get(GOALS)
    before = await site.contents()
    for method, path, body in endpoints:
        if path in own:
            continue
        foreign = await bob.ask(method, path, body)
        refused(foreign, (404, "not_found"))
        if path.startswith(SESSIONS):
            rest = path.removeprefix(SESSIONS).partition("/")[2]
            missing = await bob.ask(method, f"{unknown}{rest}", body)
            assert foreign.told == missing.told
    for path in own:
        answer = await bob.post(path, endpoints[0][2]) if path in (SESSIONS, RATES) else None
        if answer is not None:
            refused(answer, (400, "invalid_input"))
            assert set(answer.body["errors"]) == {"goal_id", "activity_id"}
        else:
            found = (await bob.get(path)).body["results"]
            assert [one for one in found if not one.get("shared")] == []

    assert await site.contents() == before


@pytest.mark.gen_test(timeout=15)
async def test_other_methods_do_nothing(site: Site, ada: Person) -> None:
    endpoints = await everything(ada)
    before = await site.contents()
    allowed: dict[str, set[str]] = {}
    for method, path, _ in endpoints:
        allowed.setdefault(path, set()).add(method)
    methods = ("GET", "POST", "PUT", "PATCH", "DELETE", "TRACE", "PROPFIND", "CONNECT", "get")
    for path, known in allowed.items():
        for method in (*methods, "HEAD"):
            if method not in known:
                answer = await ada.ask(method, path, X_HTTP_Method_Override=min(known))
                assert answer.status == 405, (method, path)
                assert answer.headers["Allow"]

    assert await site.contents() == before


@pytest.mark.gen_test
async def test_a_bad_key_is_refused(site: Site, ada: Person) -> None:
    plan = await ada.plan()
    before = await site.contents()
    for key in ("", "x" * 129, "x" * 10_000, "ä", "a\tb"):
        refused(await ada.post(SESSIONS, plan, Idempotency_Key=key), (400, "invalid_input"))

    assert await site.contents() == before


@pytest.mark.gen_test(timeout=15)
async def test_starts_at_two_nodes_at_once_make_one_session(
    settings: Settings, clock: DrivenClock
) -> None:
    async with open_site(settings, clock) as one, open_site(settings, clock) as two:
        for name, headers in (("ada", {}), ("bob", {"Idempotency_Key": "k"})):
            person = one.person(name)
            plan = await person.plan()
            answers = await asyncio.gather(
                *(person.at(site).post(SESSIONS, plan, **headers) for site in (one, two) * 8)
            )
            statuses = sorted(answer.status for answer in answers)
            active = (await person.get(f"{SESSIONS}active/")).body["results"]

            assert statuses == ([200] * 15 + [201] if headers else [201] + [409] * 15)
            assert len(active) == 1
            if headers:
                assert len({answer.raw for answer in answers}) == 1
            clock.advance(10_000)
            await person.at(two).complete(f"{SESSIONS}{active[0]['id']}/")
            assert await one.totals(name) == (20, 1, 1)
