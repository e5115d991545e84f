"""The runbook has an entry for every problem, exit code, warning and error; and each entry is for something real."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest

from pipeline.reports.problems import ORDER
from pipeline.reports.problems.advice import ADVICE, GENERAL, kind_of
from tests.test_shape import ROOT, SOURCES, nodes

PAGE = (ROOT / "docs" / "runbook.md").read_text(encoding="utf-8")
LOUD = ("warning", "error", "exception", "critical", "fatal")


@cache
def section(title: str) -> str:
    """The text under a heading of the second level."""
    return re.split(r"^## ", PAGE, flags=re.MULTILINE)[[*headings("## ")].index(title) + 1]


def headings(level: str) -> list[str]:
    return re.findall(rf"^{level}(\S.*)$", PAGE, re.MULTILINE)


def first_cells(title: str) -> list[str]:
    rows = re.findall(r"^\| (.+?) \|", section(title), re.MULTILINE)
    return [row for row in rows if not re.fullmatch(r"-+", row)][1:]


# -- problems


def test_every_kind_of_problem_has_an_entry_and_every_entry_is_a_kind() -> None:
    entries = headings("### ")
    assert sorted(entries) == sorted(f"{part} {state}" for part, state in ADVICE)
    assert len(entries) == len(set(entries))


def test_every_entry_says_what_to_do() -> None:
    for entry in re.split(r"^### ", section("Problems"), flags=re.MULTILINE)[1:]:
        assert "**Do:**" in entry, entry.splitlines()[0]


def test_every_state_has_a_rank() -> None:
    assert {state for _, state in ADVICE} == set(ORDER)
    assert set(GENERAL) <= set(ORDER)


def noted() -> set[tuple[str, str]]:
    """Part and state of the problems that processes note, where the sources name both."""
    found = set()
    for file in SOURCES:
        for node in nodes(file):
            if not isinstance(node, ast.Call):
                continue
            name = ast.unparse(node.func).rpartition(".")[2]
            given = [str(argument.value) for argument in node.args if isinstance(argument, ast.Constant)]
            if name == "note" and len(given) >= 2:
                found.add((given[0], given[1]))
            if name in ("blocked", "refused") and given:
                found.add((given[0], name))
    return found


def test_what_processes_note_is_a_kind() -> None:
    assert noted()
    assert not {kind for kind in noted() if kind_of(*kind) is None}


# -- log lines


def events() -> set[str]:
    """Everything that is logged as a warning or an error."""
    found = set()
    for file in SOURCES:
        for node in nodes(file):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args:
                first, is_logger = node.args[0], ast.unparse(node.func.value).endswith("logger")
                if node.func.attr in LOUD and (is_logger or "get_logger" in ast.unparse(node.func.value)):
                    assert isinstance(first, ast.Constant), f"{file}:{node.lineno}: give the event a fixed name"
                    found.add(str(first.value))
            if isinstance(node, ast.Call) and ast.unparse(node.func).startswith("getattr(logger"):
                assert isinstance(node.args[0], ast.Constant)
                found.add(str(node.args[0].value))
    return found


def test_every_warning_and_error_has_an_entry_and_every_entry_is_one() -> None:
    listed = [name for cell in first_cells("Log lines") for name in re.findall(r"`([^`]+)`", cell)]
    assert sorted(listed) == sorted(events())


# -- exit codes


def test_every_exit_code_has_an_entry_and_every_entry_is_one() -> None:
    cli = (ROOT / "pipeline" / "cli.py").read_text(encoding="utf-8")
    epilog = re.search(r'epilog="Exit codes: (.*?)",\n', cli, re.DOTALL)
    assert epilog
    named = set(re.findall(r"(?:^|; \"?\s*\"?)(\d+) ", epilog[1]))
    assert set(first_cells("Exit codes")) == named
    used = {
        code for file in SOURCES for code in re.findall(r"\bExit\((\d+)\)|, code = .*, (\d+)$", file.read_text(), re.M)
    }
    assert {one or other for one, other in used} <= named
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    for code in named:
        assert re.search(rf"(Exit codes: |; ){code} |5 `status`", readme), code


# -- status and metrics


def test_every_line_of_status_has_an_entry() -> None:
    shown = (ROOT / "pipeline" / "commands" / "status.py").read_text(encoding="utf-8")
    lines = set(re.findall(r'f?"(\w+) {2,}\{', shown)) | {"stage", "group"}
    assert {
        name for cell in first_cells("The other lines of `status`") for name in re.findall(r"`(\w+)`", cell)
    } == lines


def test_every_metric_alert_has_an_entry_and_every_entry_is_one() -> None:
    rules = (ROOT / "docs" / "prometheus-rules.yml").read_text(encoding="utf-8")
    listed = [name.strip("`") for name in first_cells("Metric alerts")]
    assert sorted(listed) == sorted(re.findall(r"- alert: (\w+)", rules))


# -- where it is linked


@pytest.mark.parametrize("page", ["README.md", "docs/README.md", "docs/distributed.md", "pipeline/commands/status.py"])
def test_it_is_linked(page: str) -> None:
    assert "runbook.md" in (ROOT / page).read_text(encoding="utf-8")


def test_its_links_lead_somewhere() -> None:
    anchors = {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in headings("##+ ")}
    for anchor in re.findall(r"\]\(#([\w-]+)\)", PAGE):
        assert anchor in anchors, anchor
    for page in re.findall(r"\]\(([\w./]+\.md)", PAGE):
        assert (Path(ROOT) / "docs" / page).exists(), page
