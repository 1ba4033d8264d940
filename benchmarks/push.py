"""How punctually sessiond pushes a tick to each of many sockets, and at what cost.

    python benchmarks/push.py [--sockets 1000] [--seconds 15] [--tick 1.0]

One sessiond process with embedded stores, one user with one live session and one authenticated
socket for each of `--sockets`, all on loopback. The client is a C program in a process of its own.
Recording begins two seconds after the last socket has had its first tick.

Three quantities are given, each as p50, p99, p99.9 and maximum over all ticks, in milliseconds, all on
clocks of this one machine:

jitter    arrival behind the socket's own grid of `--tick` seconds, what one user sees. The grid
          goes through one of its ticks, so that none is early and together they are least late.
lateness  arrival behind the server's own schedule. The server ticks in steps of 50 ms that are the
          same for all sockets; a socket's schedule begins at the step at or before its own grid.
          Where the steps lie is fitted once, to the promptest socket of all. So one constant, the
          best way from server to client, is not counted (well under 1 ms on loopback); all else
          is: a late wake-up of the loop, the queue within a step, the kernel, the client. Not
          available when the grids fill the whole 50 ms: then the server cannot keep up.
age       arrival less `at`, the instant whose values the tick shows: how old they are when they
          come. `at` is cut to whole milliseconds, and follows Redis' clock with an error of up to
          half a round trip, so that ages may even be a little below zero.

A gap is more than 1.5 ticks of silence on a socket, the edges of the recording included. CPU is
that of the server process alone, in percent of one core; the stores have their own column. Memory
for each socket is the growth of the server's resident memory from before the first socket (the
sessions run already) to the end of the recording, by socket.
"""

import argparse
import resource
import signal
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import _lateness as lateness
import _machine as machine
from _client import Client, ClientFailed, Recorded
from _sessiond import Server, ServerFailed, Usage, serving, start_sessions

MAX_SOCKETS = 20_000
MAX_SECONDS = 600
SPARE_FILES = 200
SETTLE_S = 2.0
CONNECT_S = 180
GAP = 1.5


def main() -> int:
    """Measure, print a table, keep the figures as JSON."""
    asked = _arguments()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    files = _allow_files(asked.sockets + SPARE_FILES)
    if files < asked.sockets + SPARE_FILES:
        sys.stderr.write(
            f"{asked.sockets} sockets need {asked.sockets + SPARE_FILES} open files for one"
            f" process; this machine allows {files} (ulimit -Hn)\n"
        )
        return 2
    try:
        with tempfile.TemporaryDirectory(prefix="sessiond-push-") as directory:
            figures = measure(Path(directory), asked)
    except (ServerFailed, ClientFailed) as fault:
        sys.stderr.write(f"{fault}\n")
        return 1
    print(table(figures))
    print(f"\nwritten to {machine.write('push', figures).relative_to(machine.ROOT)}")
    return 0


def measure(directory: Path, asked: argparse.Namespace) -> dict[str, Any]:
    """The figures of one run. Raises ServerFailed, ClientFailed."""
    sockets, seconds, tick_s = asked.sockets, asked.seconds, asked.tick
    with serving(directory) as server:
        described = machine.described(server.redis_program())
        began = time.monotonic()
        started = start_sessions(server, sockets)
        print(f"{sockets} sessions started in {time.monotonic() - began:.1f} s", flush=True)
        time.sleep(SETTLE_S)
        rss_before = server.rss_bytes()
        targets = [(f"/ws/sessions/?tick={tick_s}", token) for _, token in started]
        limit_s = int(CONNECT_S + SETTLE_S + seconds + 60)
        with Client(
            server.port, targets, directory, handshakes=asked.handshakes, limit_s=limit_s
        ) as client:
            began = time.monotonic()
            ticking, refused = client.connected(CONNECT_S)
            took_s = time.monotonic() - began
            print(f"{ticking} sockets ticking after {took_s:.1f} s", flush=True)
            time.sleep(SETTLE_S)
            window, usage, recorded = _record(server, client, seconds)
            rss_after = server.rss_bytes()
            arrivals = list(lateness.read(client.result).values())
        silent: list[Sequence[lateness.Arrival]] = [()] * (ticking - len(arrivals))
        return {
            "benchmark": "push",
            "machine": described,
            "client": client.kind,
            "sockets": ticking,
            "sockets_refused": refused,
            "sockets_lost": recorded.lost - refused,
            "handshakes_at_once": asked.handshakes,
            "connected_after_s": round(took_s, 2),
            "tick_s": tick_s,
            **_rates(window, usage, recorded),
            "expected_pushes_per_s": round(ticking / tick_s, 1),
            **_times(arrivals, tick_s * 1000),
            "gaps": lateness.gaps([*arrivals, *silent], window, GAP * tick_s * 1000),
            "rss_before_bytes": rss_before,
            "rss_after_bytes": rss_after,
            "rss_per_socket_bytes": round((rss_after - rss_before) / max(1, ticking)),
            "complaints": server.complaints(),
        }


def _record(
    server: Server, client: Client, seconds: float
) -> tuple[tuple[float, float], Usage, Recorded]:
    """(window in ms of the monotonic clock, CPU used in it, what the client says)."""
    before, began = server.usage(), time.monotonic()
    client.begin()
    time.sleep(seconds)
    after, ended = server.usage(), time.monotonic()
    recorded = client.end()
    used = Usage(
        after.server_s - before.server_s,
        after.redis_s - before.redis_s,
        after.mongod_s - before.mongod_s,
    )
    return (began * 1000, ended * 1000), used, recorded


def _rates(window: tuple[float, float], usage: Usage, recorded: Recorded) -> dict[str, Any]:
    seconds = (window[1] - window[0]) / 1000
    return {
        "seconds": round(seconds, 3),
        "pushes": recorded.ticks,
        "pushes_per_s": round(recorded.ticks / seconds, 1),
        "bytes_per_push": round(recorded.bytes / max(1, recorded.ticks)),
        "server_cpu_percent": round(100 * usage.server_s / seconds, 1),
        "server_cpu_us_per_push": round(1e6 * usage.server_s / max(1, recorded.ticks), 1),
        "redis_cpu_percent": round(100 * usage.redis_s / seconds, 1),
        "mongod_cpu_percent": round(100 * usage.mongod_s / seconds, 1),
        "client_cpu_percent": round(recorded.cpu_ms / seconds / 10, 1),
    }


def _times(arrivals: Sequence[Sequence[lateness.Arrival]], period_ms: float) -> dict[str, Any]:
    epoch_minus_steady_ms = (time.time_ns() - time.monotonic_ns()) / 1e6
    late = lateness.lateness(arrivals, period_ms)
    return {
        "lateness_ms": None if late is None else lateness.quantiles(late),
        "jitter_ms": lateness.quantiles(lateness.jitter(arrivals, period_ms)),
        "age_ms": lateness.quantiles(lateness.ages(arrivals, epoch_minus_steady_ms)),
    }


def table(figures: dict[str, Any]) -> str:
    """The figures for people."""
    on = figures["machine"]
    lines = [
        "",
        f"{on['cpu']}, {on['cores']} cores, Python {on['python']}, Tornado {on['tornado']},"
        f" load {on['load_before']:.2f} before; client: {figures['client']}",
        "",
        f"{'sockets':<28}{figures['sockets']}"
        f"   refused {figures['sockets_refused']}, lost {figures['sockets_lost']}",
        f"{'pushes/s':<28}{figures['pushes_per_s']}   of {figures['expected_pushes_per_s']},"
        f" {figures['bytes_per_push']} bytes each, {figures['seconds']} s",
        f"{f'gaps > {GAP} ticks':<28}{figures['gaps']}",
        f"{'CPU of the server':<28}{figures['server_cpu_percent']} % of a core"
        f"   {figures['server_cpu_us_per_push']} µs a push, everything included",
        f"{'CPU of Redis, mongod, client':<28} {figures['redis_cpu_percent']} %,"
        f" {figures['mongod_cpu_percent']} %, {figures['client_cpu_percent']} %",
        f"{'memory for each socket':<28}{figures['rss_per_socket_bytes'] / 1024:.1f} KiB"
        f"   {figures['rss_before_bytes'] / 2**20:.0f} →"
        f" {figures['rss_after_bytes'] / 2**20:.0f} MiB",
        "",
        f"{'ms':<12}" + "".join(f"{name:>10}" for name in lateness.QUANTILES),
    ]
    for name in ("lateness", "jitter", "age"):
        values = figures[f"{name}_ms"]
        cells = "".join(f"{value:>10.2f}" for value in values.values()) if values else "  n/a"
        lines.append(f"{name:<12}{cells}")
    lines += [f"! {complaint}" for complaint in figures["complaints"][:5]]
    return "\n".join(lines)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--sockets", type=int, default=1000)
    parser.add_argument("--seconds", type=float, default=15)
    parser.add_argument("--tick", type=float, default=1.0, help="seconds between ticks, 0.2 to 60")
    parser.add_argument(
        "--handshakes", type=int, default=32, help="sockets being set up at once; many are a storm"
    )
    asked = parser.parse_args()
    if not 1 <= asked.sockets <= MAX_SOCKETS:
        parser.error(f"--sockets: 1 to {MAX_SOCKETS}")
    if not 1 <= asked.seconds <= MAX_SECONDS:
        parser.error(f"--seconds: 1 to {MAX_SECONDS}")
    return asked


def _allow_files(wanted: int) -> int:
    """Raise the limit of open files, which children inherit; what it is now."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < wanted:
        soft = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    return soft


if __name__ == "__main__":
    sys.exit(main())
