"""Looks at a stranger's recording in a process of its own, which is ended in any case."""

import asyncio
import contextlib
import json
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from pathlib import Path
from typing import Final

from domain.audio import Kind, NotAudio, Recording

__all__ = ("NotAudio", "ProbeFailed", "probe")

ROOT: Final = Path(__file__).parents[2]
PROGRAM: Final = (
    "import sys; sys.path.append(sys.argv[1]);"
    "from storage.audio.looking import main; main(sys.argv[2])"
)
"""Isolated, Python finds neither this package nor what lies in the working directory."""
ENVIRONMENT: Final = {"LANG": "C.UTF-8"}
LONGEST_S: Final = 10.0
ANSWER_BYTES: Final = 4096


class ProbeFailed(Exception):
    """Nobody knows what it is: the process that looked was ended, or could not be started."""


async def probe(chunks: AsyncIterator[bytes], *, expected: Kind, max_bytes: int) -> Recording:
    """What a recording is, within 10 s. Raises NotAudio, ProbeFailed, and what `chunks` raises.

    `chunks` may be left before their end, and are closed.
    """
    command = (sys.executable, "-I", "-B", "-c", PROGRAM, str(ROOT), expected)
    answer = await ask(command, chunks, max_bytes=max_bytes, longest_s=LONGEST_S)
    return told(answer, expected)


async def ask(
    command: Sequence[str], chunks: AsyncIterator[bytes], *, max_bytes: int, longest_s: float
) -> bytes:
    """Give all bytes to a program, and get its one line. Raises as `probe` does."""
    try:
        process = await asyncio.create_subprocess_exec(
            *command, stdin=PIPE, stdout=PIPE, stderr=DEVNULL, cwd="/", env=ENVIRONMENT,
            limit=ANSWER_BYTES, start_new_session=True,
        )  # fmt: skip
    except OSError as error:
        raise ProbeFailed(f"it could not be started: {error.strerror}") from error
    deadline = asyncio.timeout(longest_s)
    try:
        async with deadline:
            await _feed(process, chunks, max_bytes)
            return await _line(process)
    except TimeoutError as error:
        if not deadline.expired():
            raise
        raise ProbeFailed(f"there was no answer within {longest_s:g} s") from error
    finally:
        await _end(process)
        if isinstance(chunks, AsyncGenerator):
            await chunks.aclose()


def told(line: bytes, expected: Kind) -> Recording:
    """The answer that a line holds. Raises NotAudio, ProbeFailed."""
    try:
        answer = json.loads(line)
    except ValueError as error:
        raise ProbeFailed("the answer is not JSON") from error
    match answer:
        case {"refused": str(reason)}:
            raise NotAudio(reason)
        case {"kind": kind, "duration_ms": int(duration_ms)} if kind == expected:
            return Recording(kind=expected, duration_ms=duration_ms)
    raise ProbeFailed("the answer makes no sense")


async def _feed(process: Process, chunks: AsyncIterator[bytes], max_bytes: int) -> None:
    """Write all of it, as fast as it is read; whoever has seen enough stops reading."""
    assert process.stdin is not None
    given_bytes = 0
    async for chunk in chunks:
        given_bytes += len(chunk)
        if given_bytes > max_bytes:
            raise NotAudio(f"it is longer than {max_bytes} bytes")
        process.stdin.write(chunk)
        try:
            await process.stdin.drain()
        except (BrokenPipeError, ConnectionResetError):
            return
    process.stdin.close()


async def _line(process: Process) -> bytes:
    assert process.stdout is not None
    try:
        line = await process.stdout.readline()
    except ValueError as error:
        raise ProbeFailed(f"the answer is longer than {ANSWER_BYTES} bytes") from error
    if not line.endswith(b"\n"):
        status = await process.wait()
        raise ProbeFailed(f"it ended with status {status}, without an answer")
    return line


async def _end(process: Process) -> None:
    """Kill it, and wait until nothing of it is left."""
    assert process.stdin is not None
    assert process.stdout is not None
    with contextlib.suppress(ProcessLookupError):
        process.kill()
    process.stdin.close()
    while await process.stdout.read(ANSWER_BYTES):
        pass
    await process.wait()
