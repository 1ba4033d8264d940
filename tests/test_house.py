"""The house rules that no tool checks: short files, short functions, nothing left for later."""

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
CODE = ("config", "domain", "storage", "realtime", "handlers", "examples")
LOOSER = ("tests", "benchmarks")
FILE_LINES = 300
TEST_FILE_LINES = 400
FUNCTION_LINES = 60
LEFT_FOR_LATER = ("TO" + "DO", "FIX" + "ME")


def modules(*directories: str) -> list[Path]:
    """All modules below these directories, `server.py` at their head."""
    found = (path for name in directories for path in sorted((ROOT / name).rglob("*.py")))
    return [ROOT / "server.py", *found]


def lines(path: Path) -> int:
    return len(path.read_text(encoding="utf-8").splitlines())


def functions(path: Path) -> Iterator[tuple[str, int]]:
    """Each function of a module with its number of lines, decorators not counted."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            assert node.end_lineno is not None
            yield f"{path.relative_to(ROOT)}:{node.name}", node.end_lineno - node.lineno + 1


def test_files_are_short() -> None:
    limits = [(path, FILE_LINES) for path in modules(*CODE, "benchmarks")]
    limits += [(path, TEST_FILE_LINES) for path in modules("tests")[1:]]

    assert [str(path.relative_to(ROOT)) for path, limit in limits if lines(path) > limit] == []


def test_functions_are_short() -> None:
    found = [named for path in modules(*CODE) for named in functions(path)]

    assert [named for named in found if named[1] > FUNCTION_LINES] == []


def test_nothing_is_left_for_later() -> None:
    scripts = sorted((ROOT / "storage").rglob("*.lua"))
    texts = {path: path.read_text(encoding="utf-8") for path in modules(*CODE, *LOOSER) + scripts}

    left = [
        path.name for path, text in texts.items() if any(word in text for word in LEFT_FOR_LATER)
    ]
    assert left == []
