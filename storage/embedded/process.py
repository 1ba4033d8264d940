"""One child process that never outlives its parent, and the traces it leaves on disk."""

import asyncio
import contextlib
import ctypes
import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from storage.embedded.binaries import explain
from storage.embedded.faults import CannotRun, StartFailed

POLL_S = 0.01
STOP_S = 40.0
ORPHAN_S = 20.0
KILLED_S = 5.0
OUTPUT_CHARS = 2000
PR_SET_PDEATHSIG = 1


class Process:
    """A server program run in `home`; its pid and its output are kept there as files."""

    def __init__(self, program: Path, home: Path) -> None:
        self.program = program
        self.home = home
        self._pid_file = home / f"{program.name}.pid"
        self._output = home / f"{program.name}.out"
        self._child: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int | None:
        """The child's process id while it runs."""
        if self._child is None or self._child.poll() is not None:
            return None
        return self._child.pid

    def spawn(self, arguments: Sequence[str]) -> None:
        """Start the program. Only from the main thread, see `_die_with_parent`."""
        if threading.current_thread() is not threading.main_thread():
            raise RuntimeError("embedded servers are started from the main thread only")
        end_orphan(self._pid_file, self.home)
        with self._output.open("wb") as output:
            try:
                self._child = subprocess.Popen(  # noqa: S603  # our own program and arguments
                    [str(self.program), *arguments],
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                    cwd=self.home,
                    start_new_session=True,  # Ctrl-C is for sessiond, which drains first
                    preexec_fn=_die_with_parent(),  # noqa: PLW1509  # calls two C functions
                )
            except OSError as error:
                raise CannotRun(f"{self.program} cannot run: {error.strerror}") from error
        self._pid_file.write_text(f"{self._child.pid}\n")

    def failed(self) -> int | None:
        """The exit status of a child that ended by itself, negative for a signal."""
        return None if self._child is None else self._child.poll()

    def failure(self, log: Path | None = None) -> StartFailed | CannotRun:
        """Say why the child ended; the last words come from `log` or from its output."""
        returncode = self.failed()
        output = _tail(self._output)
        if returncode is None:
            return StartFailed(f"{self.program} is running but did not become ready in time")
        if lack := explain(self.program, returncode, output):
            return CannotRun(lack)
        words = output or (_tail(log) if log is not None else "")
        return StartFailed(f"{self.program} ended with status {returncode}: {words}")

    def terminate(self) -> None:
        """Ask the child to stop cleanly."""
        if self.pid is not None and self._child is not None:
            self._child.terminate()

    def kill(self) -> None:
        """End the child at once, as a crash would."""
        if self._child is not None:
            self._child.kill()
            self._child.wait()

    async def stop(self) -> None:
        """Stop cleanly, and by force if that takes more than 40 s."""
        self.terminate()
        if not await until(lambda: self.pid is None, STOP_S):
            self.kill()
        self._pid_file.unlink(missing_ok=True)


async def until(condition: Callable[[], bool], timeout_s: float) -> bool:
    """Wait for the condition; false when the time is over."""
    loop = asyncio.get_running_loop()
    end = loop.time() + timeout_s
    while not condition():
        if loop.time() > end:
            return False
        await asyncio.sleep(POLL_S)
    return True


def end_orphan(pid_file: Path, home: Path) -> None:
    """End the child of a dead parent that still runs in `home`; forget a stale pid.

    The caller holds the lock of the data directory, so no living sessiond owns that child.
    """
    pid = _read_pid(pid_file)
    if pid is not None:
        for number, patience_s in ((signal.SIGTERM, ORPHAN_S), (signal.SIGKILL, KILLED_S)):
            if _ended(pid, home, number, patience_s):
                break
        else:
            raise StartFailed(f"process {pid} of an earlier start in {home} cannot be ended")
    pid_file.unlink(missing_ok=True)


def _ended(pid: int, home: Path, number: signal.Signals, patience_s: float) -> bool:
    if not _runs_in(pid, home):
        return True
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, number)
    end = time.monotonic() + patience_s
    while _runs_in(pid, home) and time.monotonic() < end:
        time.sleep(POLL_S)
    return not _runs_in(pid, home)


def _read_pid(pid_file: Path) -> int | None:
    try:
        text = pid_file.read_text().strip()
    except FileNotFoundError:
        return None
    return int(text) if text.isdecimal() else None


def _runs_in(pid: int, home: Path) -> bool:
    """Whether that process is ours, by its working directory: pids are used again."""
    try:
        return Path(f"/proc/{pid}/cwd").readlink() == home
    except OSError:
        return False


def _die_with_parent() -> Callable[[], None]:
    """Make what runs in the child: ask the kernel for SIGTERM when the parent is gone.

    The kernel watches the *thread* that started the child, hence the main thread. The
    library is loaded here, before the fork, where it is safe to do so.
    """
    prctl = getattr(ctypes.CDLL(None), "prctl", None)
    parent = os.getpid()

    def arrange() -> None:
        if prctl is not None:
            prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:  # the parent ended before the kernel was asked
            os._exit(1)

    return arrange


def _tail(path: Path) -> str:
    try:
        return path.read_text(errors="replace")[-OUTPUT_CHARS:].strip()
    except FileNotFoundError:
        return ""
