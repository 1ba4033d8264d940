"""What an installed sessiond has with it."""

from pathlib import Path
from typing import Any

import pytest
from setuptools import Distribution

from handlers.ops import WEB
from storage.mongo.builtin import FILE
from storage.redis.client import LUA

ROOT = Path(__file__).parents[2]


@pytest.fixture
def packed(monkeypatch: pytest.MonkeyPatch) -> set[Path]:
    """All files that a wheel would hold."""
    monkeypatch.chdir(ROOT)
    distribution = Distribution({"script_name": "setup.py"})
    distribution.parse_config_files(["setup.cfg"])
    build: Any = distribution.get_command_obj("build_py")
    build.ensure_finalized()
    data = {
        ROOT / directory / name
        for _, directory, _, names in build.get_data_files_without_manifest()
        for name in names
    }
    return data | {ROOT / source for source in build.get_source_files()}


def test_scripts_and_pages_are_packed(packed: set[Path]) -> None:
    scripts = set(LUA.glob("*.lua"))
    pages = {path for path in WEB.rglob("*") if path.is_file()}

    assert scripts
    assert pages
    assert scripts | pages | {FILE} <= packed


def test_all_modules_are_packed_and_no_leftovers(packed: set[Path]) -> None:
    layers = ("config", "domain", "storage", "realtime", "handlers")
    modules = {path for layer in layers for path in (ROOT / layer).rglob("*.py")}

    assert modules | {ROOT / "server.py"} <= packed
    assert not [path for path in packed if "__pycache__" in path.parts or "tests" in path.parts]
