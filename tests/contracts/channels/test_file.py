"""The channel that writes a line per alert to a file."""

from __future__ import annotations

import asyncio
import resource
from pathlib import Path

import pytest

from pipeline.backends.channels.alone import alone
from pipeline.backends.channels.file import JsonLinesChannel
from pipeline.ports import SendFailed
from pipeline.records import Alert, decode, encode
from tests.builders import alert, message
from tests.limits import in_own_process, limit


def ids(path: Path) -> list[str]:
    return [decode(Alert, line.encode()).id for line in path.read_text().splitlines()]


async def test_a_line_is_the_whole_alert(tmp_path: Path) -> None:
    path = tmp_path / "alerts.jsonl"
    fired = alert("a1", title="Ñandú \u2028 \n two")
    await JsonLinesChannel(path).send(message(fired), "k")
    assert [decode(Alert, line) for line in path.read_bytes().split(b"\n")[:-1]] == [fired]


async def test_an_alert_is_never_written_twice_not_even_by_another_process(tmp_path: Path) -> None:
    path = tmp_path / "alerts.jsonl"
    await JsonLinesChannel(path).send(message(alert("a1"), alert("a2"), alert("a1")), "k")
    again = JsonLinesChannel(path)
    await again.send(message(alert("a2"), alert("a3")), "k")
    await again.send(message(alert("a3")), "k")
    assert ids(path) == [alert(name).id for name in ("a1", "a2", "a3")]


@pytest.mark.parametrize("torn", [b'{"id":"half', b"\xff\xfe", b'{"id":"whole but for its end"}', b"x" * 200_000])
async def test_a_torn_last_line_is_cut_off(tmp_path: Path, torn: bytes) -> None:
    path = tmp_path / "alerts.jsonl"
    await JsonLinesChannel(path).send(message(alert("a1")), "k")
    with path.open("ab") as file:
        file.write(torn)
    await JsonLinesChannel(path).send(message(alert("a1"), alert("a2")), "k")
    assert ids(path) == [alert("a1").id, alert("a2").id]


async def test_what_another_process_is_writing_is_no_torn_line(tmp_path: Path) -> None:
    path = tmp_path / "alerts.jsonl"
    whole, others = encode(alert("a1")) + b"\n", JsonLinesChannel(path)
    with alone(tmp_path), path.open("ab", buffering=0) as file:
        file.write(whole[:20])
        sending = asyncio.create_task(others.send(message(alert("a2")), "k"))
        await asyncio.sleep(0.2)
        file.write(whole[20:])
    await sending
    assert ids(path) == [alert("a1").id, alert("a2").id]


async def test_a_file_that_is_only_torn(tmp_path: Path) -> None:
    path = tmp_path / "alerts.jsonl"
    path.write_bytes(b'{"id"')
    await JsonLinesChannel(path).send(message(alert("a1")), "k")
    assert ids(path) == [alert("a1").id]


async def test_lines_of_other_people_stay(tmp_path: Path) -> None:
    path = tmp_path / "alerts.jsonl"
    path.write_text('# mine\n[]\n{"id": 5}\n')
    await JsonLinesChannel(path).send(message(alert("a1")), "k")
    assert path.read_text().startswith('# mine\n[]\n{"id": 5}\n{')


async def test_only_the_end_of_a_large_file_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "alerts.jsonl"
    await JsonLinesChannel(path).send(message(*(alert(f"a{n}") for n in range(50))), "k")
    monkeypatch.setattr("pipeline.backends.channels.file.TAIL", 3000)
    await JsonLinesChannel(path).send(message(alert("a49"), alert("a0")), "k")
    assert ids(path)[49:] == [alert("a49").id, alert("a0").id]


async def test_the_file_may_be_moved_away(tmp_path: Path) -> None:
    path = tmp_path / "alerts.jsonl"
    channel = JsonLinesChannel(path)
    await channel.send(message(alert("a1")), "k")
    path.rename(tmp_path / "alerts.jsonl.1")
    await channel.send(message(alert("a1"), alert("a2")), "k")
    assert ids(path) == [alert("a2").id]
    await JsonLinesChannel(path).send(message(alert("a1")), "k")  # its id is in the file moved away
    assert ids(path) == [alert("a2").id]


async def test_a_full_file_gives_way(tmp_path: Path) -> None:
    path = tmp_path / "alerts.jsonl"
    channel = JsonLinesChannel(path, max_bytes=1500)
    for n in range(14):
        await channel.send(message(alert(f"a{n}")), "k")
    files = sorted(tmp_path.iterdir())
    assert [file.name for file in files] == ["alerts.jsonl", *(f"alerts.jsonl.{n}" for n in range(1, 6))]
    assert all(file.stat().st_size <= 1500 for file in files)
    assert ids(path)[-1] == alert("a13").id


def test_a_full_disk_leaves_no_half_line(tmp_path: Path) -> None:
    in_own_process(_fill_the_disk, tmp_path / "alerts.jsonl")


def _fill_the_disk(path: Path) -> None:
    with asyncio.Runner() as runner:
        channel = JsonLinesChannel(path)
        runner.run(channel.send(message(alert("a1")), "k"))
        limit(resource.RLIMIT_FSIZE, path.stat().st_size + 100)
        with pytest.raises(SendFailed, match="too large"):
            runner.run(channel.send(message(alert("a2")), "k"))
        limit(resource.RLIMIT_FSIZE, 1 << 20)
        assert ids(path) == [alert("a1").id]
        runner.run(channel.send(message(alert("a2")), "k"))
        assert ids(path) == [alert("a1").id, alert("a2").id]


async def test_a_device_is_no_file_of_alerts(tmp_path: Path) -> None:
    path = tmp_path / "alerts.jsonl"
    path.symlink_to("/dev/zero")
    with pytest.raises(SendFailed, match="not a regular file"):
        await JsonLinesChannel(path).send(message(alert("a1")), "k")
