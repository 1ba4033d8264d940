"""What a benchmark ran on, and where its figures are kept."""

import json
import os
import platform
import subprocess
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
RESULTS = HERE / "results"

# A checkout need not be installed to be measured.
sys.path.insert(0, str(ROOT))


def described(redis_server: str | None = None) -> dict[str, Any]:
    """The machine and the versions that figures depend on."""
    return {
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "cpu": _cpu_model(),
        "cores": len(os.sched_getaffinity(0)),
        "kernel": platform.release(),
        "python": platform.python_version(),
        "tornado": version("tornado"),
        "redis": _output(redis_server, "--version"),
        "load_before": os.getloadavg()[0],
        "commit": _output("git", "-C", str(ROOT), "rev-parse", "--short", "HEAD"),
    }


def write(name: str, figures: Mapping[str, Any]) -> Path:
    """Keep the figures under results/, which is not versioned."""
    RESULTS.mkdir(exist_ok=True)
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
    path = RESULTS / f"{name}-{stamp}.json"
    path.write_text(json.dumps(figures, indent=2) + "\n")
    return path


def _cpu_model() -> str:
    family = ""
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        name, _, value = line.partition(":")
        if name.strip() == "model name":
            return value.strip()
        if name.strip() == "cpu model":
            family = value.strip()
    return family or platform.machine()


def _output(program: str | None, *arguments: str) -> str | None:
    if program is None:
        return None
    try:
        done = subprocess.run(
            [program, *arguments], check=False, capture_output=True, text=True, timeout=10
        )
    except OSError:
        return None
    return done.stdout.strip() or None
