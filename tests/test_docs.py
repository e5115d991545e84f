"""The pages that say where things are: every package, command and path they name exists, and none is left out."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from pipeline.cli import COMMANDS

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
