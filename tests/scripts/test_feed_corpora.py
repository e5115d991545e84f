"""scripts/feed_corpora.py, on a folder with a few feeds."""

from __future__ import annotations

from pathlib import Path

from scripts.feed_corpora import Tally, compare, feeds
from tests.core.feeds.bodies import entry, rss


def test_differences_are_counted(tmp_path: Path) -> None:
    (tmp_path / "a.xml").write_text(rss(entry(1), entry(2)))
    (tmp_path / "b.rss").write_bytes(rss(entry(1).replace("Nota", "Новости порта")).encode("cp1251"))
    (tmp_path / "c.json").write_text("{}")
    (tmp_path / "d.xml").write_text("<entry xmlns='http://www.w3.org/2005/Atom'><title>alone</title></entry>")
    (tmp_path / "e.html").write_text("<html>")
    tally = Tally()
    for path in feeds(tmp_path):
        compare(path, tally, show=False)
    assert tally.counts["files"] == 4
    assert (tally.counts["feeds"], tally.counts["entries"], tally.counts["items"]) == (3, 4, 4)
    assert tally.problems == {"not_a_feed": 1}
    assert (tally.counts["titles"], tally.counts["entries missed"]) == (1, 0)
    assert tally.own > 0
