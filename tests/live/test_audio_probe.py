"""The look at a recording in a process of its own: what it says, and that it always ends."""

import asyncio
import json
import sys
import threading
import tracemalloc
from collections.abc import AsyncGenerator, Iterator
from pathlib import Path

import pytest

from domain.audio import NotAudio, Recording
from storage.audio.looking import LIMITS
from storage.audio.probe import ANSWER_BYTES, ROOT, ProbeFailed, ask, probe, told
from storage.embedded.process import until
from tests.recordings import HOLLOW, HTML, IMPOSTORS, RECORDINGS, recording, wav

CLOSE_MS = 100
MIB = 1 << 20
MOST_BYTES = 256 * MIB
PATIENCE_S = 10.0
SOON_S = 0.5
LIMITED = """
import errno, json, os, resource, socket, sys
sys.path.append(sys.argv[1])
from storage.audio.looking import limit
limit()
"""
ATTEMPTS = """
def attempt(act):
    try:
        act()
    except OSError as error:
        return errno.errorcode[error.errno]
    return "done"

acts = {
    "read": lambda: open("/etc/hostname"),
    "write": lambda: open("/tmp/left-behind-by-a-recording", "w"),
    "list": lambda: os.listdir("/"),
    "tcp": lambda: socket.create_connection(("127.0.0.1", 27017)),
    "unix": lambda: socket.socket(socket.AF_UNIX),
    "pipe": lambda: os.pipe(),
}
print(json.dumps({name: attempt(act) for name, act in acts.items()}))
"""
ENVIRONMENT = """
import json, os, sys
print(json.dumps([sorted(os.environ), os.getcwd(), os.listdir("/proc/self/fd"), sys.flags.isolated]))
"""
TELLS_LIMITS = """
from storage.audio.looking import LIMITS
print(json.dumps([resource.getrlimit(what) for what in LIMITS]))
"""
HANGS = "import time; time.sleep(60)"
STOPPED = "import os, signal; os.kill(os.getpid(), signal.SIGSTOP)"
DEAF = "import sys, time; sys.stdin.buffer.read(10); time.sleep(60)"
EATS_MEMORY = LIMITED + "bytearray(1 << 30)"
EATS_TIME = LIMITED + "resource.setrlimit(resource.RLIMIT_CPU, (1, 1))\nwhile True: pass"
SILENT = "pass"
CRASHES = "import os; os.abort()"
TALKS = "import sys; sys.stdin.read()\nwhile True: print('a' * 1000, end='')"
EARLY = "print('[]')"


@pytest.fixture(autouse=True)
def _no_child_is_left() -> Iterator[None]:
    before = children()
    yield
    assert children() == before


def children() -> set[str]:
    """The processes that this thread has started and nobody has waited for."""
    listed = Path(f"/proc/self/task/{threading.get_native_id()}/children")
    return set(listed.read_text().split())


async def pieces(data: bytes, size: int = 1000) -> AsyncGenerator[bytes, None]:
    for start in range(0, len(data), size):
        yield data[start : start + size]


async def program(code: str, data: bytes = b"", longest_s: float = PATIENCE_S) -> bytes:
    command = (sys.executable, "-I", "-B", "-c", code, str(ROOT))
    return await ask(command, pieces(data, MIB), max_bytes=MOST_BYTES, longest_s=longest_s)


@pytest.mark.parametrize("name", RECORDINGS)
@pytest.mark.gen_test
async def test_a_recording_is_recognised_and_measured(name: str) -> None:
    kind, duration_ms = RECORDINGS[name]

    found = await probe(pieces(recording(name)), expected=kind, max_bytes=MOST_BYTES)

    assert found.kind == kind
    assert abs(found.duration_ms - duration_ms) <= CLOSE_MS


@pytest.mark.parametrize("name", IMPOSTORS)
@pytest.mark.gen_test
async def test_an_impostor_is_refused(name: str) -> None:
    with pytest.raises(NotAudio, match="of no kind that is known"):
        await probe(pieces(IMPOSTORS[name]), expected="mp3", max_bytes=MOST_BYTES)


@pytest.mark.parametrize("name", HOLLOW)
@pytest.mark.gen_test
async def test_what_has_nothing_to_play_is_refused_with_the_reason(name: str) -> None:
    kind, data, reason = HOLLOW[name]

    with pytest.raises(NotAudio, match=reason):
        await probe(pieces(data), expected=kind, max_bytes=MOST_BYTES)


@pytest.mark.gen_test
async def test_another_kind_than_expected_is_refused() -> None:
    with pytest.raises(NotAudio, match="it is ogg and not webm"):
        await probe(pieces(recording("opus.ogg")), expected="webm", max_bytes=MOST_BYTES)


@pytest.mark.gen_test
async def test_more_bytes_than_allowed_are_refused() -> None:
    data = recording("pcm.wav")
    exact = await probe(pieces(data), expected="wav", max_bytes=len(data))

    assert exact == Recording(kind="wav", duration_ms=1000)
    with pytest.raises(NotAudio, match="longer than 8043 bytes"):
        await probe(pieces(data), expected="wav", max_bytes=len(data) - 1)


@pytest.mark.gen_test
async def test_nothing_can_be_opened_in_the_child() -> None:
    outcomes = json.loads(await program(LIMITED + ATTEMPTS))

    assert set(outcomes.values()) == {"EMFILE"}


@pytest.mark.gen_test
async def test_the_child_cannot_have_more() -> None:
    limits = json.loads(await program(LIMITED + TELLS_LIMITS))

    assert limits == [[most, most] for most in LIMITS.values()]


@pytest.mark.gen_test
async def test_the_child_inherits_nothing() -> None:
    names, directory, files, isolated = json.loads(await program(ENVIRONMENT))

    assert set(names) <= {"LANG", "LC_CTYPE"}
    assert directory == "/"
    assert len(files) == len(("stdin", "stdout", "stderr", "the listing itself"))
    assert isolated == 1


@pytest.mark.parametrize("code", [HANGS, STOPPED, DEAF])
@pytest.mark.gen_test
async def test_a_child_that_does_not_answer_is_ended(code: str) -> None:
    with pytest.raises(ProbeFailed, match=r"no answer within 0\.5 s"):
        await program(code, bytes(4 * MIB), longest_s=SOON_S)


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        (EATS_MEMORY, "status 1"),
        (EATS_TIME, "status -9"),
        (CRASHES, "status -6"),
        (SILENT, "status 0"),
        (TALKS, f"longer than {ANSWER_BYTES}"),
    ],
)
@pytest.mark.gen_test
async def test_a_child_that_fails_is_told_apart(code: str, reason: str) -> None:
    with pytest.raises(ProbeFailed, match=reason):
        await program(code, bytes(MIB))


@pytest.mark.gen_test
async def test_a_program_that_is_not_there_has_failed() -> None:
    with pytest.raises(ProbeFailed, match="could not be started"):
        await ask(("/no/such/python",), pieces(HTML), max_bytes=MOST_BYTES, longest_s=SOON_S)


@pytest.mark.gen_test
async def test_a_child_may_answer_before_it_has_read_everything() -> None:
    assert await program(EARLY, bytes(64 * MIB)) == b"[]\n"


@pytest.mark.parametrize(
    "line",
    [
        b"\n",
        b"\xff\n",
        b"[]\n",
        b'{"kind": "mp3"}\n',
        b'{"kind": "mp3", "duration_ms": "1"}\n',
        b'{"kind": "ogg", "duration_ms": 1}\n',
        b'{"refused": 1}\n',
    ],
)
def test_an_answer_without_sense_is_none(line: bytes) -> None:
    with pytest.raises(ProbeFailed):
        told(line, "mp3")


@pytest.mark.parametrize("code", [HANGS, DEAF])
@pytest.mark.gen_test
async def test_a_cancelled_look_leaves_no_child(code: str) -> None:
    before = children()
    look = asyncio.create_task(program(code, bytes(4 * MIB)))
    assert await until(lambda: children() != before, PATIENCE_S)
    look.cancel()

    with pytest.raises(asyncio.CancelledError):
        await look
    assert children() == before


@pytest.mark.gen_test
async def test_a_look_may_be_cancelled_at_any_moment() -> None:
    before = children()
    for turns in range(20):
        look = asyncio.create_task(
            probe(pieces(recording("pcm.wav")), expected="wav", max_bytes=MOST_BYTES)
        )
        for _ in range(turns):
            await asyncio.sleep(0)
        look.cancel()
        with pytest.raises(asyncio.CancelledError):
            await look
        assert children() == before


@pytest.mark.parametrize("fault", [ConnectionResetError, TimeoutError, NotAudio])
@pytest.mark.gen_test
async def test_what_the_source_raises_is_raised(fault: type[Exception]) -> None:
    async def broken() -> AsyncGenerator[bytes, None]:
        yield b"RIFF"
        raise fault("the store is away")

    with pytest.raises(fault, match="the store is away"):
        await probe(broken(), expected="wav", max_bytes=MOST_BYTES)


@pytest.mark.gen_test
async def test_a_source_that_is_left_is_closed() -> None:
    closed: list[bool] = []

    async def endless() -> AsyncGenerator[bytes, None]:
        try:
            while True:
                yield bytes(1000)
        finally:
            closed.append(True)

    with pytest.raises(NotAudio):
        await probe(endless(), expected="wav", max_bytes=10_000)
    assert closed == [True]


@pytest.mark.gen_test
async def test_a_source_that_hangs_is_left() -> None:
    async def stuck() -> AsyncGenerator[bytes, None]:
        yield b"RIFF"
        await asyncio.sleep(60)

    command = (sys.executable, "-I", "-c", HANGS)
    with pytest.raises(ProbeFailed, match="no answer"):
        await ask(command, stuck(), max_bytes=MOST_BYTES, longest_s=SOON_S)


@pytest.mark.gen_test
async def test_a_large_recording_is_never_held_whole() -> None:
    head = wav(b"", claimed=64 * MIB)

    async def large() -> AsyncGenerator[bytes, None]:
        yield head
        for _ in range(256):
            yield bytes(MIB // 4)

    tracemalloc.start()
    found = await probe(large(), expected="wav", max_bytes=MOST_BYTES)
    _, peak_bytes = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert found.duration_ms == 64 * MIB // 8
    assert peak_bytes < 4 * MIB


@pytest.mark.gen_test
async def test_many_looks_at_once_do_not_mix_up() -> None:
    names = list(RECORDINGS)
    found = await asyncio.gather(
        *(
            probe(pieces(recording(name)), expected=RECORDINGS[name][0], max_bytes=MOST_BYTES)
            for name in names
        )
    )

    assert [one.kind for one in found] == [RECORDINGS[name][0] for name in names]
