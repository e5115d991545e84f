"""Templates of messages in the configuration folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.config.folder import fingerprint, load
from pipeline.config.templates import read_templates
from pipeline.core.faults import Faults

ALERTS = """
[channels.desk]
type = "terminal"
template = "{name}"

[[alert]]
name = "Troops"
query = "troops"
channels = ["desk"]
"""


def folder(path: Path, alerts: str = "", **files: str | bytes) -> Path:
    (path / "templates").mkdir()
    for name, text in files.items():
        file = path / "templates" / name.replace("_", ".")
        file.write_bytes(text if isinstance(text, bytes) else text.encode())
    (path / "alerts.toml").write_text(alerts)
    return path


def test_templates_are_part_of_the_configuration_and_its_fingerprint(tmp_path: Path) -> None:
    place = folder(tmp_path, ALERTS.format(name="short.txt"), short_txt="{{ subject }}", README_md="About {{ x }}")
    before = fingerprint(place)
    assert list(load(place, {}).templates) == ["short.txt"]
    (place / "templates" / "short.txt").write_text("{{ subject }}, {{ rule }}")
    assert fingerprint(place) != before


def test_a_channel_needs_a_template_that_exists(tmp_path: Path) -> None:
    place = folder(tmp_path, ALERTS.format(name="shrt.txt"), short_txt="{{ subject }}")
    with pytest.raises(Faults) as caught:
        load(place, {})
    assert [str(fault) for fault in caught.value.faults] == [
        "alerts.toml:2: channels.desk.template: templates/shrt.txt does not exist (did you mean short.txt?)"
    ]


def test_all_faults_of_all_templates_are_reported(tmp_path: Path) -> None:
    place = folder(
        tmp_path,
        a_txt="{{ foo }}\n{{ bar }}",
        b_txt=b"x\n\xff",
        c_txt="first\n{{ new.articles }}",
        d_txt="{% if new %}{{ new.articles }}{% endif %}",
    )
    (place / "templates" / "e.txt").mkdir()
    found, faults = read_templates(place)
    assert list(found) == ["c.txt", "d.txt"]
    assert [f"{fault.file}:{fault.line} {fault.reason}"[:60] for fault in faults] == [
        "templates/a.txt:1 there is no foo",
        "templates/a.txt:2 there is no bar",
        "templates/b.txt:2 not UTF-8: invalid start byte",
        "templates/c.txt:2 fails for a message of kind alert: a value",
        "templates/e.txt:None Is a directory",
    ]
