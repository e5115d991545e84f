"""The shape of the code (ARCHITECTURE.md): what may import what, what the core may not do, sizes, names, the flow."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Collection
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

from pipeline.config.settings import Keep
from pipeline.log.streams import RECORDS, STAGES, declared_streams
from pipeline.stage import Stage
from tests.layout import (
    CORE_BASE,
    CORE_IMPORTS,
    CORE_MAY_USE,
    IMPURE,
    LONGER,
    MOST_LINES,
    MOST_LINES_OF_A_FUNCTION,
    NOT_OF_THE_CONSOLE,
    OTHER_TESTS,
    TOP_LEVEL,
)

ROOT = Path(__file__).parent.parent
SOURCES = sorted([*(ROOT / "pipeline").rglob("*.py"), *(ROOT / "agents").rglob("*.py")])
PYTHON = sorted(file for folder in ("pipeline", "agents", "scripts", "tests") for file in (ROOT / folder).rglob("*.py"))


def module(file: Path) -> str:
    name = ".".join(file.relative_to(ROOT).with_suffix("").parts)
    return name.removesuffix(".__init__")


@cache
def tree(file: Path) -> ast.Module:
    return ast.parse(file.read_text(encoding="utf-8"))


@cache
def nodes(file: Path) -> tuple[ast.AST, ...]:
    return tuple(ast.walk(tree(file)))


@cache
def imports(file: Path, top_level: bool = False) -> tuple[str, ...]:
    """Modules that a file imports; with `top_level`, without those inside functions and for type checking."""
    skipped: set[ast.AST] = set()
    if top_level:
        for node in nodes(file):
            guard = isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)
            if guard or isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                skipped.update(ast.walk(node))
    found: list[str] = []
    for node in nodes(file):
        if node in skipped:
            continue
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            found += [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
    return tuple(found)


def within(name: str, parents: Collection[str]) -> bool:
    """Whether `name` is one of the modules `parents`, or in one of them."""
    return any(name == parent or name.startswith(parent + ".") for parent in parents)


@pytest.mark.parametrize("file", sorted((ROOT / "pipeline" / "core").rglob("*.py")), ids=module)
def test_the_core_is_pure(file: Path) -> None:
    assert not [name for name in imports(file) if within(name, IMPURE)]
    assert not [n.lineno for n in nodes(file) if isinstance(n, ast.AsyncFunctionDef | ast.Await)]
    calls = [ast.unparse(n.func) for n in nodes(file) if isinstance(n, ast.Call)]
    assert not [call for call in calls if re.search(r"\b(open|now|utcnow|today|read_text|read_bytes|print)$", call)]


def core_name(name: str) -> str | None:
    """The package or module of the core that a module is in: `text` for `pipeline.core.text.words`."""
    parts = name.split(".")
    return parts[2] if parts[:2] == ["pipeline", "core"] and len(parts) > 2 else None


@pytest.mark.parametrize("file", sorted((ROOT / "pipeline" / "core").rglob("*.py")), ids=module)
def test_core_packages_import_only_what_the_table_allows(file: Path) -> None:
    own = core_name(module(file))
    if own is None:  # pipeline/core/__init__.py
        return
    assert own in CORE_IMPORTS, f"{own}: add it to CORE_IMPORTS"
    used = {name for name in imports(file) if within(name, {"pipeline"}) and name not in {"pipeline", "pipeline.core"}}
    assert not {name for name in used if not within(name, CORE_MAY_USE)}
    assert {part for name in used if (part := core_name(name))} - {own} <= CORE_IMPORTS[own] | CORE_BASE


def test_the_table_of_core_imports_has_no_circle_and_nothing_that_is_gone() -> None:
    TopologicalSorter(CORE_IMPORTS).prepare()
    core = ROOT / "pipeline" / "core"
    there = {path.stem for path in core.iterdir() if path.suffix == ".py" or (path / "__init__.py").exists()}
    assert there - {"__init__"} <= set(CORE_IMPORTS)


def test_only_cli_commands_and_assembly_import_the_drivers() -> None:
    for file in SOURCES:
        name = module(file)
        if not within(name, {"agents", "pipeline.cli", "pipeline.commands", "pipeline.assembly"}):
            assert not [i for i in imports(file) if within(i, {"agents"})], name


def test_the_top_level_holds_the_contracts_and_packages() -> None:
    folder = ROOT / "pipeline"
    assert {file.stem for file in folder.glob("*.py")} == TOP_LEVEL
    packages = {path for path in folder.iterdir() if path.is_dir() and path.name != "__pycache__"}
    assert {path.name for path in packages if not (path / "__init__.py").exists()} <= {"shipped"}  # links to config/


def test_tests_mirror_packages() -> None:
    tests = ROOT / "tests"
    for folder in {file.parent.relative_to(tests) for file in tests.rglob("test_*.py")} - {Path()}:
        if folder.parts[0] not in OTHER_TESTS and folder.as_posix() not in OTHER_TESTS:
            package = ROOT / (folder if folder.parts[0] == "agents" else "pipeline" / folder)
            assert (package / "__init__.py").exists() or package.with_suffix(".py").exists(), (
                f"tests/{folder} mirrors nothing"
            )
    packages = {
        path.parent.relative_to(ROOT / "pipeline") for path in (ROOT / "pipeline" / "core").glob("*/__init__.py")
    }
    untested = {str(path) for path in packages if not list((tests / path).glob("test_*.py"))}
    assert untested <= {"core/vocabulary"}  # data


def test_files_are_short() -> None:
    lengths = {str(file.relative_to(ROOT)): len(file.read_text(encoding="utf-8").splitlines()) for file in PYTHON}
    assert {name: n for name, n in lengths.items() if n > MOST_LINES and name not in LONGER} == {}
    assert {name for name in LONGER if lengths.get(name, 0) <= MOST_LINES} == set(), "remove from LONGER in layout.py"


def test_functions_are_short() -> None:
    functions = [
        (file, node)
        for file in PYTHON
        for node in nodes(file)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]
    lengths = {
        f"{file.relative_to(ROOT)}:{f.lineno} {f.name}": (f.end_lineno or 0) - f.lineno + 1 for file, f in functions
    }
    assert {name: n for name, n in lengths.items() if n > MOST_LINES_OF_A_FUNCTION} == {}


def test_no_backend_imports_another() -> None:
    for file in (ROOT / "pipeline" / "backends").rglob("*.py"):
        own = ".".join(module(file).split(".")[:3])
        others = {name for name in imports(file) if name.startswith("pipeline.backends.")}
        assert not {name for name in others if not within(name, {own})}, file


def test_only_assembly_names_backends() -> None:
    for file in SOURCES:
        name = module(file)
        if not name.startswith(("pipeline.backends", "pipeline.assembly")):
            assert not [i for i in imports(file) if i.startswith("pipeline.backends")], name


def test_only_assembly_looks_at_the_mode() -> None:
    """What differs between the embedded and the distributed deployment is methods of `Deployment` and the backends."""
    kinds = "KafkaLog|SqliteLog|ElasticIndex|TantivyIndex|Embedded|EmbeddedPipeline|Distributed"
    looks = re.compile(rf"settings\.(log|index)_url|(log|index)_location\(\)|isinstance\([^)]*\b({kinds})\b")
    for file in SOURCES:
        if not module(file).startswith(("pipeline.backends", "pipeline.assembly", "pipeline.config")):
            assert not looks.search(file.read_text(encoding="utf-8")), file


def test_the_console_reads_through_protocols() -> None:
    """Only assembly builds it, and a command its users; it knows no backend, driver, stage or command."""
    for file in SOURCES:
        name = module(file)
        if within(name, {"pipeline.console"}):
            assert not [i for i in imports(file) if within(i, NOT_OF_THE_CONSOLE)], name
        elif not within(
            name, {"pipeline.assembly.console", "pipeline.assembly.console_secret", "pipeline.commands.users"}
        ):
            assert not [i for i in imports(file) if within(i, {"pipeline.console"})], name


@pytest.mark.parametrize(
    ("library", "only"),
    [
        ("tantivy", {"pipeline.backends.index_tantivy"}),
        ("apprise", {"pipeline.backends.channels"}),
        ("requests", {"pipeline.backends.channels"}),
        ("elasticsearch", {"pipeline.backends.index_elastic"}),
        (
            "httpx",
            {
                "pipeline.backends.channels",
                "pipeline.backends.health_http",
                "pipeline.backends.heartbeat_url",
                "pipeline.backends.http",
                "pipeline.backends.kibana",
            },
        ),
    ],
)
def test_a_library_is_known_in_one_place(library: str, only: set[str]) -> None:
    users = {module(file) for file in SOURCES if any(within(name, {library}) for name in imports(file))}
    assert users
    assert not {user for user in users if not within(user, only)}


def test_there_are_no_import_cycles() -> None:
    names = {module(file) for file in SOURCES}
    graph = {
        module(file): {name for name in imports(file, top_level=True) if name in names and name != module(file)}
        for file in SOURCES
    }
    TopologicalSorter(graph).prepare()


def test_names_say_what_a_thing_is() -> None:
    parts = {part for file in SOURCES for part in file.relative_to(ROOT).with_suffix("").parts}
    assert not parts & {"utils", "util", "helpers", "helper", "manager", "managers", "base", "common", "misc"}


def test_every_module_opens_with_what_it_does() -> None:
    for file in SOURCES:
        text = file.read_text(encoding="utf-8")
        if text.strip() and file.name not in {"__init__.py", "__main__.py"}:
            assert ast.get_docstring(tree(file)), file


def test_no_mocks() -> None:
    for file in (ROOT / "tests").rglob("*.py"):
        if file != Path(__file__):
            assert not re.search(r"MagicMock|AsyncMock|\bMock\(|mock\.patch|mocker\.", file.read_text()), file


def test_no_test_limits_the_process_that_runs_the_others() -> None:
    users = {
        file.relative_to(ROOT)
        for file in (ROOT / "tests").rglob("*.py")
        if re.search(r"\bsetrlimit[(]", file.read_text())
    }
    assert users == {Path("tests/limits.py")}, "use tests.limits.in_own_process"


def stages() -> dict[str, type[Stage]]:
    found = {}
    for name in STAGES:
        loaded = __import__(f"pipeline.stages.{name}", fromlist=["x"])
        [found[name]] = [
            kind
            for kind in vars(loaded).values()
            if isinstance(kind, type) and issubclass(kind, Stage) and kind.__module__ == loaded.__name__
        ]
    return found


def test_the_flow_goes_one_way() -> None:
    """A stage reads what an earlier one writes, or people; the one loop is poll's calendar of revisits."""
    written = {"feeds", "alert-requests", "story-requests"}
    for name, stage in stages().items():
        assert stage.name == name
        read = set(stage.reads) - ({"documents", "alerts", "revisits-wanted"} if name == "poll" else set())
        assert read - {"items-later"} <= written, name
        written |= set(stage.writes)


def test_every_topic_has_a_record_and_one_owner() -> None:
    declared = {topic.name for topic in declared_streams(Keep(), 1.0)}
    assert declared == set(RECORDS)
    for stage in stages().values():
        assert set(stage.reads) | set(stage.writes) <= declared
        for topic, record in stage.reads.items():
            assert RECORDS[topic] is record
    state = [topic for stage in stages().values() for topic in stage.writes if topic in ("feed-state", "known")]
    assert len(state) == len(set(state))


def test_help_is_quick() -> None:
    """`almenara --help` must not import what only some commands need."""
    code = "import sys, pipeline.cli; print(*sys.modules)"
    loaded = set(
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    )
    assert not loaded & {"trafilatura", "tantivy", "numpy", "httpx", "aiohttp", "feedparser", "pydantic", "lxml"}


def test_the_lock_for_development_holds_the_other_one() -> None:
    def pins(name: str) -> set[str]:
        return set(re.findall(r"^\S+==[^\\]+", (ROOT / name).read_text(), re.MULTILINE))

    assert pins("requirements.lock") <= pins("requirements-dev.lock")
    assert len(pins("requirements.lock")) > 50
