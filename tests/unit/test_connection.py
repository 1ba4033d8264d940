"""What waits for a slow client: the newest ticks, all events, and not more than there is room."""

import asyncio

import pytest

from realtime import wire
from realtime.connection import OFFERS_MAX, CloseCode, Connection
from tests.fakes import DrivenClock
from tests.transports import LIMITS, Recorder, connected

Pair = tuple[Connection, Recorder]


@pytest.fixture
def pair(clock: DrivenClock) -> Pair:
    return connected(clock)


def numbered(number: int, size: int = 0) -> bytes:
    return wire.message("event", n=number, filler="x" * size)


def names(recorder: Recorder) -> list[object]:
    return [frame.get("n", frame["type"]) for frame in recorder.frames]


@pytest.mark.gen_test
async def test_while_a_client_keeps_up_everything_goes_out_at_once(pair: Pair) -> None:
    connection, recorder = pair
    connection.send(numbered(1))
    connection.offer("s", numbered(2))
    connection.send(numbered(3))

    assert names(recorder) == [1, 2, 3]
    assert connection.coalesced == 0


@pytest.mark.gen_test
async def test_of_the_ticks_that_wait_the_latest_of_each_session_wins(pair: Pair) -> None:
    connection, recorder = pair
    recorder.blocked = True
    connection.send(numbered(0))
    for number in range(1, 100):
        connection.offer("a", numbered(number))
        connection.offer("b", numbered(number + 1_000))
    assert names(recorder) == [0]
    assert connection.coalesced == 196

    await recorder.open_up()
    assert names(recorder) == [0, 99, 1_099]
    connection.offer("a", numbered(100))
    assert names(recorder)[-1] == 100


@pytest.mark.gen_test
async def test_events_that_wait_are_all_sent_in_order_and_before_ticks(pair: Pair) -> None:
    connection, recorder = pair
    recorder.blocked = True
    connection.send(numbered(0))
    connection.offer("a", numbered(99))
    for number in range(1, 6):
        connection.send(numbered(number))
    for sent in range(1, 6):
        await recorder.drain()
        assert names(recorder) == list(range(sent + 1))
    connection.send(numbered(6))
    await recorder.open_up()

    assert names(recorder) == [0, 1, 2, 3, 4, 5, 6, 99]
    assert recorder.closes == []


@pytest.mark.gen_test
async def test_more_than_the_bytes_that_may_wait_closes_with_4008(pair: Pair) -> None:
    connection, recorder = pair
    recorder.blocked = True
    connection.send(numbered(0))
    size = len(numbered(1, 200))
    fitting = LIMITS.max_bytes // size
    for number in range(fitting):
        connection.send(numbered(number, 200))
    assert recorder.closes == []
    connection.send(numbered(9, 200))

    assert recorder.closes == [(4008, "too slow")]
    assert connection.closed
    await recorder.open_up()
    assert names(recorder) == [0]


@pytest.mark.gen_test
async def test_room_that_has_become_free_counts_again(pair: Pair) -> None:
    connection, recorder = pair
    recorder.blocked = True
    connection.send(numbered(0))
    for number in range(1, 50):
        connection.send(numbered(number, 400))
        await recorder.drain()
    await recorder.open_up()

    assert recorder.closes == []
    assert names(recorder) == list(range(50))


@pytest.mark.gen_test
async def test_a_single_frame_may_be_longer_than_what_may_wait(pair: Pair) -> None:
    connection, recorder = pair
    recorder.blocked = True
    connection.send(numbered(0))
    connection.send(numbered(1, 5_000))
    assert recorder.closes == []
    connection.send(numbered(2))
    assert recorder.closes == [(4008, "too slow")]


@pytest.mark.gen_test
async def test_ticks_alone_never_fill_the_queue(pair: Pair) -> None:
    connection, recorder = pair
    recorder.blocked = True
    connection.send(numbered(0))
    for number in range(1_000):
        connection.offer("a", numbered(number, 900))
    assert recorder.closes == []


@pytest.mark.gen_test
async def test_no_more_than_so_many_things_wait_each_with_its_newest_state(pair: Pair) -> None:
    connection, recorder = pair
    recorder.blocked = True
    connection.send(numbered(0))
    for _ in range(2):
        for number in range(OFFERS_MAX):
            connection.offer(f"watched {number}", numbered(number))
    assert recorder.closes == []
    connection.withdraw("watched 1")
    connection.offer("one more", numbered(1))
    assert recorder.closes == []
    for number in range(OFFERS_MAX):
        connection.offer(f"new {number}", numbered(number))

    assert recorder.closes == [(CloseCode.TOO_SLOW, "too slow")]


@pytest.mark.gen_test
async def test_a_write_that_is_stuck_for_too_long_closes_with_4008(
    pair: Pair, clock: DrivenClock
) -> None:
    connection, recorder = pair
    clock.advance(1_000_000)
    connection.check_age()
    recorder.blocked = True
    connection.offer("a", numbered(0))
    clock.advance(10_000)
    connection.check_age()
    await recorder.drain()
    connection.send(numbered(1))
    clock.advance(10_000)
    connection.check_age()
    assert recorder.closes == []
    clock.advance(1)
    connection.check_age()
    connection.check_age()
    assert recorder.closes == [(4008, "too slow")]


@pytest.mark.gen_test
async def test_after_the_end_nothing_is_sent_and_closing_again_changes_nothing(pair: Pair) -> None:
    connection, recorder = pair
    recorder.blocked = True
    connection.send(numbered(0))
    connection.send(numbered(1))
    connection.offer("a", numbered(2))
    connection.close(4503, "revoked")
    connection.close(4008, "too slow")
    connection.send(numbered(3))
    connection.offer("a", numbered(4))
    connection.check_age()
    assert recorder.pending is not None
    recorder.pending.set_result(None)
    await asyncio.sleep(0)

    assert names(recorder) == [0]
    assert recorder.closes == [(4503, "revoked")]


@pytest.mark.gen_test
async def test_a_write_that_fails_ends_the_connection(pair: Pair) -> None:
    connection, recorder = pair
    recorder.blocked = True
    connection.send(numbered(0))
    connection.send(numbered(1))
    await recorder.drain(OSError("gone"))

    assert connection.closed
    assert names(recorder) == [0]


def test_a_connection_knows_what_its_client_has_not_been_shown(pair: Pair) -> None:
    connection, _ = pair
    assert not connection.is_behind("s", "e1", 5)
    assert connection.is_behind_or_new("s", "e1", 5)
    connection.followed["s"] = ("e1", 5)
    assert [connection.is_behind("s", "e1", rev) for rev in (4, 5, 6)] == [False, False, True]
    assert connection.is_behind("s", "e2", 1)
    assert not connection.is_behind_or_new("s", "e1", 5)
