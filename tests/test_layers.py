"""Imports point one way, and this test can tell when they don't."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent / "tourism"
LAYERS = {
    "errors": set(),
    "geo": {"errors"},
    "domain": {"errors", "geo"},
    "services": {"errors", "geo", "domain"},
    "store": {"errors", "geo", "domain"},
    "adapters": {"errors", "geo", "domain"},
    "config": {"errors"},
    "clock": set(),
    "routes": {"errors", "geo", "domain", "services"},
    "cli": {"errors", "geo", "domain", "services", "config"},
    "app": {"errors", "geo", "domain", "services", "store", "adapters", "routes", "cli", "config", "clock"},
}
PURE = {"errors", "geo", "domain"}
IMPURE = {"flask", "sqlalchemy", "requests", "os", "environ", "socket", "subprocess"}
CLOCK_CALLS = {"now", "today", "utcnow", "monotonic", "perf_counter"}
# the slow imports, with their reason beside them
LAZY = {"app.py": {"tourism.adapters.overpass", "tourism.adapters.geopackage", "tourism.adapters.posters"}}


def imports(tree: ast.AST) -> Iterator[str]:
    """Yield the modules a tree imports."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            names = [f"{node.module}.{alias.name}" for alias in node.names]
            yield from names if node.module == "tourism" else [node.module]


def violations(path: str, source: str) -> list[str]:
    """Return what a module of `tourism` at a relative path does that its layer may not."""
    layer = path.split("/", maxsplit=1)[0].removesuffix(".py")
    tree = ast.parse(source)
    found = []
    for module in imports(tree):
        parts = module.split(".")
        if parts[0] == "tourism" and len(parts) > 1 and parts[1] not in LAYERS[layer] | {layer}:
            found.append(f"{path}: {layer} imports {module}")
        if layer in PURE and parts[0] in IMPURE:
            found.append(f"{path}: a pure module imports {module}")
    for function in ast.walk(tree):
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            inside = {m for m in imports(function) if m not in LAZY.get(path, set())}
            found += [f"{path}: {function.name} imports {module}" for module in inside]
    if layer in PURE | {"services"}:
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in CLOCK_CALLS:
                owner = node.func.value
                if isinstance(owner, ast.Name) and owner.id in {"datetime", "date", "time"}:
                    found.append(f"{path}: reads the clock with {owner.id}.{node.func.attr}")
    return found


def test_imports_point_one_way() -> None:
    modules = [p for p in ROOT.rglob("*.py") if p.name != "__init__.py" and "migrations" not in p.parts]
    assert len(modules) > 20
    assert [v for p in modules for v in violations(str(p.relative_to(ROOT)), p.read_text())] == []


@pytest.mark.parametrize(
    ("path", "source"),
    [
        ("domain/hours.py", "from tourism.services.plans import make_plan"),
        ("domain/hours.py", "import flask"),
        ("domain/hours.py", "from datetime import date\ndate.today()"),
        ("geo/crs.py", "from tourism.domain import sun"),
        ("routes/pages.py", "from tourism.store.db import make_engine"),
        ("cli.py", "import tourism.adapters.overpass"),
        ("services/spots.py", "from tourism import clock"),
        ("store/db.py", "from tourism.services.ports import Ports"),
        ("app.py", "def f():\n    from tourism.store import db"),
    ],
)
def test_a_planted_violation_is_caught(path: str, source: str) -> None:
    assert violations(path, source)
