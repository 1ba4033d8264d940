"""From the server to the browser, with no page open: real encryption, a real HTTPS service."""

import json
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from structlog.testing import capture_logs
from tornado.httpclient import AsyncHTTPClient

from config.settings import Settings
from domain import notices
from tests.api.test_push import REMINDER, SUBSCRIPTIONS, TEST
from tests.engines import until
from tests.fakes import DrivenClock
from tests.person import Site, open_site
from tests.push_stub import HOST, Browser, Names, PushStub, push_stub


@asynccontextmanager
async def pushing(
    settings: Settings, clock: DrivenClock, directory: Path
) -> AsyncIterator[tuple[Site, PushStub]]:
    """A node whose push service is on this machine."""
    async with push_stub(directory) as stub:
        sender = stub.sender()
        try:
            async with open_site(settings, clock, sender) as site:
                yield site, stub
        finally:
            sender.close()


@pytest.mark.gen_test(timeout=20)
async def test_a_notice_arrives_while_no_socket_is_open(
    settings: Settings, clock: DrivenClock, tmp_path: Path
) -> None:
    phone, laptop = Browser(), Browser()
    async with pushing(settings, clock, tmp_path) as (site, stub):
        kay = site.person("kay")
        for browser in (phone, laptop):
            assert (await kay.post(SUBSCRIPTIONS, browser.to_json())).status == 201
        ended = notices.session_ended(
            user_id="kay", session_id="s-1", about="شطرنج", focused_ms=1_500_000, at=clock(),
            url="/sessions/s-1",
        )  # fmt: skip
        for _ in range(2):
            await site.node.services.push.notices.add(ended, key="session:s-1")
        arrived = {one.path.rpartition("/")[2]: one for one in await stub.wait(2)}

        assert len(site.node.parts.hub) == 0
        for browser in (phone, laptop):
            assert browser.read(arrived[browser.name].body) == {
                "kind": "session_ended",
                "title": "Session complete",
                "body": "25 minutes of focus: شطرنج",
                "url": "/sessions/s-1",
                "tag": "session:s-1",
                "at": clock(),
            }
            assert arrived[browser.name].headers["urgency"] == "high"
            assert arrived[browser.name].headers["ttl"] == "3600"
        assert len(stub.arrived) == 2


@pytest.mark.gen_test(timeout=20)
async def test_a_reminder_arrives_at_the_users_time(
    settings: Settings, clock: DrivenClock, tmp_path: Path
) -> None:
    browser = Browser()
    async with pushing(settings, clock, tmp_path) as (site, stub):
        joe = site.person("joe")
        await joe.ask("PATCH", "/api/v1/authentication/me/", {"time_zone": "Asia/Kathmandu"})
        await joe.post(SUBSCRIPTIONS, browser.to_json())
        chosen = await joe.put(REMINDER, {"enabled": True, "time": "10:30"})
        assert chosen.body["next_at"] == "2049-03-22T04:45:00Z"
        clock.advance(20 * 60_000)
        reminding = site.node.services.push.reminding
        await reminding.send_due()
        (arrived,) = await stub.wait(1)
        following = await joe.get(REMINDER)

    told = browser.read(arrived.body)
    assert (told["kind"], told["title"], told["at"]) == ("reminder", "Time to focus", clock())
    assert following.body["next_at"] == "2049-03-23T04:45:00Z"


@pytest.mark.gen_test(timeout=20)
async def test_a_test_notice_arrives_and_is_counted(
    settings: Settings, clock: DrivenClock, tmp_path: Path
) -> None:
    browser = Browser()
    async with pushing(settings, clock, tmp_path) as (site, stub):
        una = site.person("una")
        await una.post(SUBSCRIPTIONS, browser.to_json())
        asked = await una.post(TEST)
        (arrived,) = await stub.wait(1)

        async def counted() -> bool:
            client = AsyncHTTPClient(force_instance=True)
            told: bytes = (await client.fetch(f"{site.url}/metrics")).body
            client.close()
            return b'sessiond_pushes_total{result="delivered"} 1.0' in told

        await until(counted, "the message is counted")
    assert (asked.status, asked.body) == (202, {"subscriptions": 1})
    assert browser.read(arrived.body)["title"] == "It works"


@pytest.mark.gen_test(timeout=20)
async def test_a_browser_that_has_gone_is_no_longer_listed(
    settings: Settings, clock: DrivenClock, tmp_path: Path
) -> None:
    async with pushing(settings, clock, tmp_path) as (site, stub):
        stub.mode = "410"
        ivy = site.person("ivy")
        await ivy.post(SUBSCRIPTIONS, Browser().to_json())
        await ivy.post(TEST)

        async def forgotten() -> bool:
            return not (await ivy.get(SUBSCRIPTIONS)).body["results"]

        await until(forgotten, "the browser is forgotten")
        assert len(stub.arrived) == 1


@pytest.mark.gen_test(timeout=20)
async def test_a_push_service_whose_name_leads_inside_gets_nothing_and_no_secret_is_logged(
    settings: Settings,
    clock: DrivenClock,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    browser = Browser()
    async with push_stub(tmp_path) as stub:
        names = Names(("127.0.0.1",), port=stub.port)
        sender = stub.sender(names)
        with capture_logs() as logs, caplog.at_level(logging.INFO):
            async with open_site(settings, clock, sender) as site:
                amy = site.person("amy")
                await amy.post(SUBSCRIPTIONS, browser.to_json())
                await amy.post(TEST)

                async def refused() -> bool:
                    return any(line["event"] == "push refused" for line in logs)

                await until(refused, "it is refused")
        sender.close()

    assert (names.asked, stub.arrived) == ([HOST], [])
    told = json.dumps(logs, default=repr) + caplog.text
    for secret in (browser.name, browser.p256dh, browser.endpoint):
        assert secret not in told
