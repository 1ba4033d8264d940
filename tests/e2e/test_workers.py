"""Workers that are killed, stopped and sent away: no analysis stays as it is for ever."""

import random
import signal
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from config.settings import Settings
from tests.e2e.nodes import Node, on_stores, serving, wait_for
from tests.e2e.workers import (
    Model,
    Workers,
    answered,
    following,
    model,
    triggered,
    workers,
)

TAKEN_OVER_S = 15.0
"""The promise: so long after its worker died, another one is at work."""


@pytest.fixture(scope="module")
def asked() -> Iterator[Model]:
    """The model that all workers ask."""
    with model() as found:
        yield found


@pytest.fixture
def told(settings: Settings, asked: Model, tmp_path: Path) -> dict[str, str]:
    """The settings of a node, which works at nothing itself, and of its workers."""
    asked.stub.mode = "good"
    return {
        **on_stores(settings, tmp_path / "data"),
        "ANALYSIS_WORKERS": "0",
        "ANALYSIS_LEASE": "2",
        "RATE_ANALYSIS": "10000/minute",
        "RATE_REVIEW": "10000/minute",
        "LLM_URL": asked.stub.url,
        "LLM_MODEL": "m",
    }


@pytest.fixture
def node(told: dict[str, str], tmp_path: Path) -> Iterator[Node]:
    with serving(tmp_path / "data", **told) as found:
        yield found


@pytest.fixture
def hands(told: dict[str, str], tmp_path: Path) -> Iterator[Workers]:
    with workers(tmp_path / "workers", **told) as found:
        yield found


@pytest.fixture
def slow(asked: Model) -> Iterator[Model]:
    """The model, slow until it is released."""
    asked.stub.released.clear()
    asked.stub.opened.clear()
    asked.stub.mode = "slow"
    yield asked
    asked.release()


def test_one_that_waits_outlives_the_node_that_took_it(
    node: Node, hands: Workers, told: dict[str, str], tmp_path: Path
) -> None:
    review_id = answered(node)
    with following(node, review_id) as follower:
        triggered(node, follower, review_id)
        follower.next("status", status="pending")
    node.kill()
    hands.start().up()
    with serving(tmp_path / "again", **told) as other, following(other, review_id) as follower:
        # It may be over before anybody looks.
        first = follower.next("status")
        if first["status"] != "succeeded":
            follower.next("status", status="succeeded")
        assert (first["result"] is not None) == (first["status"] == "succeeded")


def test_a_killed_workers_analysis_is_taken_over_in_time(
    node: Node, hands: Workers, slow: Model
) -> None:
    first = hands.start(ANALYSIS_LEASE="6").up()
    review_id = answered(node)
    with following(node, review_id) as follower:
        triggered(node, follower, review_id)
        follower.next("status", status="running")
        hands.start().up()
        first.kill()
        follower.next("status", within_s=TAKEN_OVER_S, status="running")
        slow.release()
        follower.next("result")

        assert follower.course == [
            "not_completed", "pending", "running", "pending", "running", "succeeded"
        ]  # fmt: skip


def test_a_late_result_of_a_worker_that_hung_is_refused(
    node: Node, hands: Workers, slow: Model
) -> None:
    hung = hands.start().up()
    review_id = answered(node)
    with following(node, review_id) as follower:
        triggered(node, follower, review_id)
        follower.next("status", status="running")
        hung.process.send_signal(signal.SIGSTOP)
        hands.start().up()
        follower.next("status", within_s=TAKEN_OVER_S, status="running")
        slow.release()
        result = follower.next("result")
        hung.process.send_signal(signal.SIGCONT)
        wait_for(lambda: "late attempt was refused" in hung.said(), "a refusal")
        with following(node, review_id) as later:
            assert later.next("status")["result"] == result["data"]
        assert follower.course[-1] == "succeeded"


def test_a_worker_that_is_sent_away_hands_over_at_once(
    node: Node, hands: Workers, slow: Model
) -> None:
    leaving = hands.start(ANALYSIS_LEASE="60").up()
    review_id = answered(node)
    with following(node, review_id) as follower:
        triggered(node, follower, review_id)
        follower.next("status", status="running")
        hands.start().up()
        leaving.process.send_signal(signal.SIGTERM)
        # Long before the lease would have lapsed.
        follower.next("status", status="running")
        assert leaving.process.wait(timeout=10) == 0
        slow.release()
        follower.next("result")


def test_a_node_that_is_sent_away_hands_over_too(
    node: Node, hands: Workers, slow: Model, told: dict[str, str], tmp_path: Path
) -> None:
    busy = {**told, "ANALYSIS_WORKERS": "2", "ANALYSIS_LEASE": "60"}
    review_ids = [answered(node) for _ in range(2)]
    with ExitStack() as stack:
        leaving = stack.enter_context(serving(tmp_path / "busy", **busy))
        followers = [stack.enter_context(following(node, one)) for one in review_ids]
        for follower, review_id in zip(followers, review_ids, strict=True):
            triggered(node, follower, review_id)
            follower.next("status", status="running")
        leaving.process.send_signal(signal.SIGTERM)
        for follower in followers:
            follower.next("status", status="pending")
        assert leaving.process.wait(timeout=20) == 0
        hands.start().up()
        for follower in followers:
            follower.next("status", status="running")
        slow.release()
        for follower in followers:
            follower.next("result")


def test_random_deaths_leave_nothing_behind(node: Node, hands: Workers, asked: Model) -> None:
    chance = random.Random(7)
    asked.stub.delay_s = 0.2
    reviews = [answered(node) for _ in range(24)]
    alive = [hands.start().up() for _ in range(2)]
    with ExitStack() as stack:
        followers = [stack.enter_context(following(node, one)) for one in reviews]
        for follower, review_id in zip(followers, reviews, strict=True):
            triggered(node, follower, review_id)
            if chance.random() < 0.25:
                alive.pop(chance.randrange(len(alive))).kill()
                alive.append(hands.start())
            time.sleep(chance.uniform(0, 0.1))
        for worker in alive:
            worker.up()
        for follower in followers:
            follower.next("status", within_s=40, status="succeeded")
            follower.next("result")

    asked.stub.delay_s = 0
    assert len(asked.stub.asked) >= len(reviews)


def test_a_worker_without_stores_says_what_is_missing(tmp_path: Path) -> None:
    with workers(tmp_path / "workers", DATA_DIR=str(tmp_path / "empty")) as hands:
        lost = hands.start()

        assert lost.process.wait(timeout=10) == 1
        assert "start a node first" in lost.said()
