"""Packs what relate remembers of old articles: who they are, by which keys they are found, and of which text.

A page holds a thousand articles, which have not changed for the length of the window. What an article said is left out:
the index has it. A key is kept as the first KEY bytes of its hash (BLAKE2b, RFC 7693): among the four billion keys of
three years at a million articles a day, two with the same hash are to be expected in one of 150,000 such archives. The
id of an article is kept whole, and compared.
"""

from __future__ import annotations

import hashlib
import re
import zlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import accumulate, pairwise
from typing import NamedTuple

import msgspec

from pipeline.records import Known, Partial, Relation

KEY = 10  # bytes of a key
CONTENT = 6  # bytes of the hash of a text that are kept: by them an unchanged text is recognised
_PARTS: tuple[Partial, ...] = ("", "teaser", "paid", "cut", "pages")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_HEX = re.compile(r"[0-9a-f]{32}")
_LEVEL = 9  # of zlib
_FILLED = b"\xff"  # what no UTF-8 contains


class Old(NamedTuple):
    """An article with the hashes of the keys that lead to it, its own id left out."""

    known: Known
    keys: tuple[bytes, ...]


class Page(NamedTuple):
    """What a page says: articles, and keys that were learned of articles in earlier pages, by id."""

    articles: tuple[Old, ...]
    learned: tuple[tuple[str, tuple[bytes, ...]], ...] = ()


class _Columns(msgspec.Struct, array_like=True, frozen=True):
    """A page as MessagePack: a column for each thing. Numbers that rise are kept as differences. An id of 32 hex digits
    is 16 bytes, any other its UTF-8, filled up to 17 or more."""

    ids: tuple[bytes, ...]
    seqs: tuple[int, ...]
    versions: tuple[int, ...]
    seen: tuple[int, ...]  # first; microseconds
    contents: bytes
    parts: bytes  # what each text lacks: number in _PARTS
    others: tuple[bytes, ...]  # ids of stories and originals that follow
    stories: tuple[int, ...]  # 0: opened by the article itself; else 1 + number in `others`
    copied: tuple[int, ...]  # 0: no copy
    removed: dict[int, tuple[int, str]]  # article -> when its page was found to be gone, and why
    counts: tuple[int, ...]  # of the keys of each article
    keys: bytes
    late: tuple[tuple[bytes, bytes], ...]


def hash_of(key: str) -> bytes:
    """The key as it is kept."""
    return hashlib.blake2b(key.encode(), digest_size=KEY).digest()


def same_text(known: Known, content_hash: str) -> bool:
    """Whether a text with this hash is that of an article from a page, of whose hash it has the beginning."""
    return bool(known.content_hash) and content_hash.startswith(known.content_hash)


def pack(page: Page) -> bytes:
    """The page, compressed. Articles without a relation cannot be packed."""
    rows = [(old.known, old.known.relation, old.keys) for old in page.articles]
    others = dict[str, int]()

    def number(other: str | None, own: str) -> int:
        return 0 if other in (None, own) else 1 + others.setdefault(other or "", len(others))

    columns = _Columns(
        ids=tuple(_packed_id(known.id) for known, _, _ in rows),
        seqs=_steps(relation.seq for _, relation, _ in rows if relation),
        versions=tuple(relation.version for _, relation, _ in rows if relation),
        seen=_steps(_micros(relation.first_seen) for _, relation, _ in rows if relation),
        contents=b"".join(_content(known.content_hash) for known, _, _ in rows),
        parts=bytes(_PARTS.index(known.partial) for known, _, _ in rows),
        stories=tuple(number(relation.story_id, known.id) for known, relation, _ in rows if relation),
        copied=tuple(number(relation.duplicate_of, known.id) for known, relation, _ in rows if relation),
        others=tuple(map(_packed_id, others)),
        removed={
            n: (_micros(relation.removed_at), relation.removed)
            for n, (_, relation, _) in enumerate(rows)
            if relation and relation.removed_at
        },
        counts=tuple(len(keys) for _, _, keys in rows),
        keys=b"".join(key for _, _, keys in rows for key in keys),
        late=tuple((_packed_id(id), b"".join(keys)) for id, keys in page.learned),
    )  # fmt: skip
    return zlib.compress(msgspec.msgpack.encode(columns), _LEVEL)


def unpack(packed: bytes) -> Page:
    """The page. What it does not say of an article has its default; `Known.thin` says so. Raises ValueError."""
    try:
        columns = msgspec.msgpack.decode(zlib.decompress(packed), type=_Columns)
        return Page(tuple(_articles(columns)), tuple((_id(id), _split(keys)) for id, keys in columns.late))
    except (zlib.error, msgspec.MsgspecError, IndexError, OverflowError) as error:
        raise ValueError(f"not a page of old articles: {error}") from error


def _articles(columns: _Columns) -> Iterable[Old]:
    others, ends = tuple(map(_id, columns.others)), (0, *accumulate(columns.counts))
    seqs, seen, keys = tuple(accumulate(columns.seqs)), tuple(accumulate(columns.seen)), _split(columns.keys)
    for n, packed in enumerate(columns.ids):
        id, story, copied = _id(packed), columns.stories[n], columns.copied[n]
        removed = columns.removed.get(n)
        relation = Relation(
            kind="copy" if copied else "new", first_seen=_moment(seen[n]), seq=seqs[n], version=columns.versions[n],
            story_id=others[story - 1] if story else id, duplicate_of=others[copied - 1] if copied else None,
            removed_at=_moment(removed[0]) if removed else None, removed=removed[1] if removed else "",
        )  # fmt: skip
        content = columns.contents[n * CONTENT : (n + 1) * CONTENT]
        known = Known(
            id=id, relation=relation, content_hash=content.hex() if any(content) else "", thin=True,
            partial=_PARTS[columns.parts[n]],
        )  # fmt: skip
        yield Old(known, keys[ends[n] : ends[n + 1]])


def page_of(articles: Iterable[Known], keys: Mapping[str, Sequence[str]], learned: Mapping[str, Sequence[str]]) -> Page:
    """A page of these articles in the order of `seq`. `keys`: other keys that lead to each, by id; `learned`: those of
    articles in earlier pages."""
    ordered = sorted((one for one in articles if one.relation), key=lambda one: one.relation.seq if one.relation else 0)
    return Page(
        tuple(Old(one, tuple(map(hash_of, keys.get(one.id, ())))) for one in ordered),
        tuple((id, tuple(map(hash_of, found))) for id, found in learned.items()),
    )


def _steps(numbers: Iterable[int]) -> tuple[int, ...]:
    return tuple(after - before for before, after in pairwise((0, *numbers)))


def _content(hash: str) -> bytes:
    return bytes.fromhex(hash[: 2 * CONTENT]).ljust(CONTENT, b"\0") if _HEX.match(hash) else bytes(CONTENT)


def _packed_id(id: str) -> bytes:
    return bytes.fromhex(id) if _HEX.fullmatch(id) else id.encode().ljust(17, _FILLED)


def _id(packed: bytes) -> str:
    return packed.hex() if len(packed) == 16 else packed.rstrip(_FILLED).decode()


def _split(keys: bytes) -> tuple[bytes, ...]:
    return tuple(keys[n : n + KEY] for n in range(0, len(keys), KEY))


def _micros(moment: datetime | None) -> int:
    return (moment - _EPOCH) // timedelta(microseconds=1) if moment else 0


def _moment(micros: int) -> datetime:
    return _EPOCH + timedelta(microseconds=micros)
