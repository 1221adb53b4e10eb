from __future__ import annotations

import ast
from pathlib import Path

import pytest

from testkit.source_tree import ROOT

DOMAIN_FILES = sorted(ROOT.glob("*_service/domain/**/*.py"))
#: Modules that wait, read the clock, read, write, log or make random numbers.
IMPURE_MODULES = frozenset(
    {
        "asyncio",
        "io",
        "logging",
        "os",
        "pathlib",
        "random",
        "secrets",
        "socket",
        "subprocess",
        "threading",
        "time",
        "urllib",
        "uuid",
    }
)
CURRENT_TIME_METHODS = frozenset({"now", "utcnow", "today"})


@pytest.mark.parametrize("file", DOMAIN_FILES, ids=lambda file: str(file.relative_to(ROOT)))
def test_domain_code_is_pure(file: Path) -> None:
    assert list(_impurities(ast.parse(file.read_text()))) == []


@pytest.mark.parametrize(
    "source",
    [
        "async def f(): pass",
        "import os",
        "import os.path",
        "from time import monotonic",
        "def f():\n    import random",
        "datetime.now(UTC)",
        "date.today()",
        "open('x')",
        "print('x')",
    ],
)
def test_the_check_finds_each_impurity(source: str) -> None:
    assert len(list(_impurities(ast.parse(source)))) == 1


def test_each_service_has_a_domain() -> None:
    assert {file.relative_to(ROOT).parts[0] for file in DOMAIN_FILES} == {"tracking_service", "attendance_service"}


def _impurities(tree: ast.Module) -> list[str]:
    return [f"line {getattr(node, 'lineno', 0)}" for node in ast.walk(tree) if _is_impure(node)]


def _is_impure(node: ast.AST) -> bool:
    match node:
        case ast.AsyncFunctionDef() | ast.Await() | ast.AsyncFor() | ast.AsyncWith():
            return True
        case ast.Import(names=names):
            return any(name.name.partition(".")[0] in IMPURE_MODULES for name in names)
        case ast.ImportFrom(module=str(module)):
            return module.partition(".")[0] in IMPURE_MODULES
        case ast.Call(func=ast.Attribute(attr=name)):
            return name in CURRENT_TIME_METHODS
        case ast.Call(func=ast.Name(id=name)):
            return name in {"open", "print", "input"}
        case _:
            return False
