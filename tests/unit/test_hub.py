"""Who is told what on one node."""

from dataclasses import dataclass, replace
from typing import Any

import pytest

from domain.session import Session
from realtime.connection import Connection
from realtime.hub import Hub, snapshot
from realtime.registry import Registry
from realtime.ticker import Ticker
from storage.redis.bus import Settled, Told
from tests.fakes import DrivenClock
from tests.timed import timed
from tests.transports import Recorder, caller, connected

Pair = tuple[Connection, Recorder]


@dataclass
class Node:
    """A hub and its ticker."""

    clock: DrivenClock

    def __post_init__(self) -> None:
        self.registry = Registry()
        self.ticker = Ticker(self.registry, self.clock, lambda: 0.0, lambda _: None)
        self.hub = Hub(self.ticker, self.clock, 3)

    def joined(self, user_id: str = "u-1", **options: Any) -> Pair:
        pair = connected(self.clock, who=caller(user_id), **options)
        assert self.hub.join(pair[0])
        return pair

    def following(self, session: Session, **options: Any) -> Pair:
        pair = self.joined(session.user_id, **options)
        self.hub.follow(pair[0], session)
        return pair

    def tell(self, session: Session) -> None:
        self.hub.tell(Told(session, {"type": "event", "id": session.id, "rev": session.rev}))

    @property
    def held(self) -> tuple[int, int, int]:
        return len(self.hub), len(self.hub.followed()), len(self.ticker)


@pytest.fixture
def node(clock: DrivenClock) -> Node:
    return Node(clock)


def revs(recorder: Recorder) -> list[int]:
    return [frame["rev"] for frame in recorder.frames]


def at(rev: int, **changes: Any) -> Session:
    return replace(timed(), rev=rev, **changes)


def ended(rev: int) -> Session:
    return at(rev, status="completed", ended_at=timed().started_at + 1)


def test_every_rev_is_told_once_and_in_order(node: Node) -> None:
    _, recorder = node.following(at(1))
    for rev in (1, 2, 2, 3, 2, 1, 4):
        node.tell(at(rev))

    assert revs(recorder) == [2, 3, 4]
    assert all(frame["state"]["rev"] == frame["rev"] for frame in recorder.frames)


def test_another_life_of_the_same_id_is_news(node: Node) -> None:
    _, recorder = node.following(at(9))
    node.tell(at(1, epoch="e2"))
    assert revs(recorder) == [1]


def test_the_frame_is_built_once_for_all(node: Node) -> None:
    recorders = [node.following(at(1))[1] for _ in range(3)]
    node.tell(at(2))
    first = recorders[0].sent[0]
    assert all(recorder.sent[0] is first for recorder in recorders)


def test_only_those_who_follow_are_told(node: Node) -> None:
    _, follower = node.following(at(1))
    _, other_session = node.following(at(1, id="s-2"))
    _, every = node.joined(follows_all=True)
    _, stranger = node.joined("u-2", follows_all=True)
    node.tell(at(2))

    assert [len(one.sent) for one in (follower, other_session, every, stranger)] == [1, 0, 1, 0]
    assert node.hub.events == 1
    node.tell(at(2, id="s-9", user_id="u-9"))
    assert node.hub.events == 1


def test_a_session_started_elsewhere_appears_and_ticks_but_not_one_that_has_ended(
    node: Node,
) -> None:
    _, recorder = node.joined(follows_all=True)
    node.tell(ended(3))
    assert recorder.sent == []
    node.tell(at(1, id="s-2"))
    assert revs(recorder) == [1]
    assert node.held == (1, 1, 1)


def test_the_end_of_a_session_stops_its_ticks_and_settling_lets_go_of_it(node: Node) -> None:
    connection, recorder = node.following(at(1))
    node.tell(ended(2))
    assert node.held == (1, 1, 0)
    node.hub.settled(Settled("s-1", "u-1", {"xp_total": 7}))
    node.hub.settled(Settled("s-1", "u-1", {"xp_total": 7}))

    assert [frame["type"] for frame in recorder.frames] == ["event", "settled"]
    assert node.held == (1, 0, 0)
    assert connection.followed == {}


def test_healing_shows_the_state_to_those_who_are_behind(node: Node) -> None:
    _, behind = node.following(at(1))
    _, abreast = node.following(at(5))
    assert node.hub.is_behind("s-1", "e1", 5)
    node.hub.heal(at(5))

    assert [frame["type"] for frame in behind.frames] == ["snapshot"]
    assert abreast.sent == []
    assert not node.hub.is_behind("s-1", "e1", 5)
    assert not node.hub.is_behind("s-9", "e1", 5)


def test_leaving_twice_or_before_joining_is_harmless(node: Node, clock: DrivenClock) -> None:
    node.hub.leave(connected(clock)[0])
    stays, _ = node.following(at(1))
    leaves, recorder = node.following(at(1), follows_all=True)
    for _ in range(2):
        node.hub.leave(leaves)
    node.tell(at(2))

    assert recorder.sent == []
    assert list(node.hub) == [stays]
    node.hub.leave(stays)
    assert node.held == (0, 0, 0)


def test_whoever_has_left_follows_nothing_more(node: Node) -> None:
    connection, recorder = node.joined()
    node.hub.leave(connection)
    node.hub.follow(connection, at(1))
    node.hub.pace(connection, 4)

    assert recorder.sent == []
    assert node.held == (0, 0, 0)


def test_a_user_has_so_many_sockets(node: Node, clock: DrivenClock) -> None:
    connections = [node.joined()[0] for _ in range(3)]
    assert not node.hub.join(connected(clock)[0])
    node.joined("u-2")
    node.hub.leave(connections[0])
    node.joined()
    assert len(node.hub) == 4


def test_a_revocation_meets_its_family_or_token_and_nobody_else(
    node: Node, clock: DrivenClock
) -> None:
    tokens = [("f", "t1"), ("f", "t2"), ("g", "t3"), ("", "t4"), ("", "t5")]
    recorders = []
    for number, (family, token_id) in enumerate(tokens):
        who = caller(f"u-{number}", family=family, token_id=token_id)
        connection, recorder = connected(clock, who=who)
        node.hub.join(connection)
        recorders.append(recorder)
    for member in ("", "f", "t4", "u-2"):
        node.hub.revoke(member)

    closed = [recorder.closes for recorder in recorders]
    assert closed == [[(4503, "revoked")], [(4503, "revoked")], [], [(4503, "revoked")], []]


def test_a_socket_that_is_closed_while_it_is_told_takes_nobody_with_it(node: Node) -> None:
    slow, stuck = node.following(at(1), follows_all=True)
    _, recorder = node.following(at(1), follows_all=True)
    slow.close(4008, "too slow")
    node.tell(at(2))
    node.tell(at(1, id="s-2"))

    assert stuck.sent == []
    assert len(recorder.sent) == 2
    node.hub.leave(slow)
    assert "s-2" not in slow.followed
    assert node.held[0] == 1


def test_a_snapshot_has_the_whole_state(clock: DrivenClock) -> None:
    pair = connected(clock)
    pair[0].send(snapshot(at(4), clock()))
    (frame,) = pair[1].frames
    assert (frame["type"], frame["id"], frame["epoch"], frame["rev"]) == (
        "snapshot",
        "s-1",
        "e1",
        4,
    )
    assert frame["state"]["server_time"] == clock()


def test_coalesced_ticks_are_counted_also_after_their_socket_has_left(node: Node) -> None:
    slow, _ = node.joined()
    slow.coalesced = 3
    node.joined()[0].coalesced = 2

    assert node.hub.coalesced == 5
    node.hub.leave(slow)
    node.hub.leave(slow)
    assert node.hub.coalesced == 5
