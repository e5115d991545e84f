"""The documentation: the packages, commands, paths and pages it names exist, and none is left out."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Any

import pytest

from pipeline.cli import COMMANDS, GROUPS, command_line

ROOT = Path(__file__).parent.parent
ARCHITECTURE = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
#: Folders that the pages name paths from.
FROM = [ROOT, ROOT / "pipeline", ROOT / "pipeline" / "core", ROOT / "docs"]
A_PATH = re.compile(r"[\w.*-]+(/[\w.*-]+)*(/|\.(py|toml|md|yml|lock|json))|[\w.-]+(/[\w.-]+)+")


def test_the_readme_names_every_command() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    for name in COMMANDS:
        assert name in readme, name


def test_the_architecture_has_one_line_for_every_package() -> None:
    rows = [row.split("|")[1] for row in ARCHITECTURE.splitlines() if row.startswith("| `")]
    named = set(re.findall(r"`([\w/]+)/`", " ".join(rows)))
    packages = [*(ROOT / "pipeline").glob("*/__init__.py"), *(ROOT / "pipeline" / "core").glob("*/__init__.py")]
    assert {file.parent.name for file in packages} - named == set()


def paths(page: str) -> set[str]:
    """What a page names as a path: in backticks or as the target of a link."""
    text = (ROOT / page).read_text(encoding="utf-8")
    text = re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL)
    named = re.findall(r"`([^`\s]+)`", text) + re.findall(r"\]\(([^)#:\s]+)[^):]*\)", text)
    return {name for name in named if A_PATH.fullmatch(name)}


@pytest.mark.parametrize("page", ["ARCHITECTURE.md", "CONTRIBUTING.md", "README.md", "docs/testing.md"])
def test_every_path_that_a_page_names_exists(page: str) -> None:
    found = paths(page)
    assert found
    assert {name for name in found if not any(there(folder, name) for folder in FROM)} == set()


def there(folder: Path, name: str) -> bool:
    """Whether `folder` has it; a name without a folder may be anywhere below."""
    pattern = name.rstrip("/")
    return any(folder.glob(pattern)) or ("/" not in pattern and any(folder.rglob(pattern)))


PAGES = ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md"]
PAGES += sorted(str(page.relative_to(ROOT)) for page in (ROOT / "docs").rglob("*.md"))
A_LINK = re.compile(r"\]\((?!https?:)([^)#\s]*)(?:#([^)\s]*))?\)")


@pytest.mark.parametrize("page", PAGES)
def test_every_link_leads_somewhere(page: str) -> None:
    broken = []
    for target, anchor in A_LINK.findall((ROOT / page).read_text(encoding="utf-8")):
        file = (ROOT / page).parent / target if target else ROOT / page
        if not file.exists() or (anchor and anchor not in anchors(file)):
            broken.append(f"{target}#{anchor}")
    assert not broken


def anchors(page: Path) -> set[str]:
    """The anchors of the headings, formed as GitHub does."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_the_index_of_docs_has_every_page() -> None:
    index = (ROOT / "docs" / "README.md").read_text(encoding="utf-8")
    pages = {page.name for page in (ROOT / "docs").glob("*.md")} - {"README.md"}
    assert not {name for name in pages if f"[{name}]({name})" not in index}


def test_the_index_of_decisions_has_every_record_with_its_title() -> None:
    index = (ROOT / "docs" / "decisions" / "README.md").read_text(encoding="utf-8")
    for record in sorted((ROOT / "docs" / "decisions").glob("0*.md")):
        number, title = record.read_text(encoding="utf-8").splitlines()[0].removeprefix("# ").split(". ", 1)
        assert f"| [{number}]({record.name}) | {title} |" in index


IN_TEXT = re.compile(r"`(?:[A-Z_]+=\S* )*(?:almenara|\./run) ([^`…]+)`")
IN_BLOCK = re.compile(r"^ {4,}(?:docker .*|[A-Z_]+=\S* )*(?:almenara|\./run) ([^#\n…]*)", re.MULTILINE)


def command_lines() -> list[tuple[str, str]]:
    """(page, command line) of every `almenara …` on the pages, in blocks and in text."""
    found = []
    for page in PAGES:
        # Those name what is gone, too.
        if page != "CHANGELOG.md" and not page.startswith("docs/decisions"):
            text = (ROOT / page).read_text(encoding="utf-8")
            found += [(page, line) for line in (*IN_TEXT.findall(text), *IN_BLOCK.findall(text))]
    return found


def test_every_command_line_of_the_pages_can_be_read() -> None:
    lines = command_lines()
    assert len(lines) > 50
    almenara = command_line()
    assert not [(page, line, fault) for page, line in lines if (fault := fault_of(line, almenara))]
    assert fault_of("search --nosuch", almenara)
    assert fault_of("feeds nosuch", almenara)


def fault_of(line: str, almenara: Any) -> str | None:
    """Why the command line cannot be read: no such command, or none of its options. Any value may be a placeholder."""
    if not line.strip() or line.startswith("-") or line == "COMMAND --help":
        return None
    first, *words = shlex.split(re.split(r"&&|\||;", line)[0])
    name = f"{first} {words.pop(0)}" if first in GROUPS and words else first
    if name in GROUPS:
        return None
    if name not in COMMANDS:
        return f"no command {name}"
    command, context = almenara, almenara.make_context("almenara", [], resilient_parsing=True)
    for part in name.split():
        _, command, _ = command.resolve_command(context, [part])
    parser = command.make_parser(command.context_class(command, info_name=name))
    try:
        parser.parse_args(list(words))
    except Exception as error:
        return str(error)
    return None


A_REASON = re.compile(
    r'(?:Drop\(|drop = |drop=|Unreadable\(|Refused\(|_failed\(\s*item, domain, )"([a-z_]+)"'
    r'|else "((?:pdf_|empty|needs_)[a-z_]*)"'
)
A_WALL = re.compile(r'(?:return|else) "([a-z_0-9]+)"')


def test_every_reason_why_something_is_lost_is_described() -> None:
    code = {path: path.read_text(encoding="utf-8") for path in (ROOT / "pipeline").rglob("*.py")}
    found = {reason for text in code.values() for pair in A_REASON.findall(text) for reason in pair if reason}
    found |= set(A_WALL.findall(code[ROOT / "pipeline" / "core" / "pages" / "walls.py"]))
    assert len(found) > 25
    page = (ROOT / "docs" / "feeds.md").read_text(encoding="utf-8")
    described = page[page.index("## What is lost") : page.index("## Sitemaps")]
    assert {reason for reason in found if f"`{reason}`" not in described} == set()
