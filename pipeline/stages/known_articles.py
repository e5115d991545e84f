"""The articles that relate knows: those of the last days whole, on `known`; older ones in pages, on `archive`.

What did not change for the length of the window is moved: first a page of it is published, and once that was read back
from the log, it is deleted from `known`. A crash in between leaves it in both; `known` counts. The text of an article
in a page is only in the index, which is asked when a decision depends on it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from msgspec.structs import replace

from pipeline.core.stories.archive import pack, page_of, same_text, unpack
from pipeline.core.stories.relate import Decision
from pipeline.core.stories.traits import traits_of
from pipeline.ports import AgeingCache, StateCache
from pipeline.records import Archived, Document, Known, Record, Tagged
from pipeline.stage import Emit, Out, Position, ReadState
from pipeline.stages.ageing import Ageing, Owns
from pipeline.stages.cached import Cached

PAGE = 1000  # articles of a page; about 60 kB
LOOKED = 3  # times PAGE: records that are looked at together


class Texts(Protocol):
    """The documents in the index."""

    async def indexed(self, article: str, seq: int) -> Document | None:
        """The newest document of an article, at least `seq`; None if the index does not have it. Raises Unavailable,
        also while the index has not got so far."""
        ...


class _Recent(Cached[Known]):
    def __init__(self, cache: AgeingCache[Known], absorb_every: int) -> None:
        super().__init__("known", cache, absorb_every)
        self._articles = cache

    def due(self, before: datetime, limit: int) -> dict[str, Known]:
        """Those in the cache, see AgeingCache. Raises Unavailable."""
        return self._guarded(lambda: self._articles.due(before, limit))

    def leading(self, ids: Sequence[str]) -> dict[str, Known]:
        """Those in the cache, see AgeingCache. Raises Unavailable."""
        return self._guarded(lambda: self._articles.leading(ids))


class _Pages(Cached[Known]):
    def check(self, record: Record) -> None:
        if isinstance(record, Archived):
            unpack(record.packed)


class KnownArticles:
    """Both streams, as if they were one. `texts` None: there is no index."""

    def __init__(
        self, recent: AgeingCache[Known], archive: StateCache[Known], window: float, texts: Texts | None,
        absorb_every: int, page: int = PAGE,
    ) -> None:  # fmt: skip
        """`window`: see Ageing. `page`: articles of a page."""
        self._recent = _Recent(recent, absorb_every)
        self._archive = _Pages("archive", archive, absorb_every)
        self._ageing, self._texts, self._page = Ageing(window), texts, page
        self.forget()

    def forget(self) -> None:
        """Forget all but what is in the caches."""
        self._recent.forget()
        self._archive.forget()
        self._ageing.forget()
        self._reads = False

    @property
    def seq(self) -> int:
        """The highest seq in the caches."""
        return max(self._recent.seq, self._archive.seq)

    def asks(self, owns: Owns) -> None:
        self._ageing.asks(owns)

    def close(self) -> None:
        self._recent.close()
        self._archive.close()

    async def follow(self, read: ReadState) -> None:
        # Pages last: what was deleted from `known` is in one that was there before.
        await self._recent.follow(read)
        await self._archive.follow(read)
        self._reads = True

    async def ready(self) -> None:
        """Fill the caches again if they failed. Raises Unavailable."""
        await self._recent.ready()
        await self._archive.ready()

    async def settled(self, outs: Sequence[Out]) -> None:
        """Read back what was published, once there is enough of it."""
        await self._recent.settled()
        if any(out.stream == "archive" for out in outs):
            await self._archive.settled(now=True)

    def sent(self, outs: Sequence[Out]) -> None:
        """Remember the records of `outs` on `known`."""
        self._recent.sent(outs, Known)

    def newer(self, out: Out) -> Known | None:
        """The record under the key of `out`, if it is of a later document."""
        return self._recent.newer(out)

    # -- looking up -------------------------------------------------------------------------------------------------

    def lookup(self, keys: Sequence[str]) -> dict[str, Known]:
        """The articles that `keys` lead to, by key. Raises Unavailable."""
        records = self._get(keys)
        articles = records | self._get([one.alias_of for one in records.values() if one.alias_of])
        found = {key: articles.get(record.alias_of or key) for key, record in records.items()}
        return {key: article for key, article in found.items() if article and article.relation}

    def _get(self, keys: Sequence[str]) -> dict[str, Known]:
        found = self._recent.get(keys)
        missing = [key for key in keys if key not in found]
        return found | self._archive.get(missing) if missing else found

    async def whole(self, tagged: Tagged, known: Mapping[str, Known]) -> dict[str, Known]:
        """`known`, which its keys lead to, with the texts of those articles of which a decision needs more than a page
        says. Raises Unavailable while the index cannot be asked."""
        article = tagged.article
        own = known.get(article.id)
        needed = {one.id: one for one in ([own] if own else known.values()) if one.thin}
        if own and own.thin and same_text(own, article.content_hash) and own.partial == article.partial:
            found = {own.id: replace(own, content_hash=article.content_hash)}
        else:
            found = {id: await self._with_text(one) for id, one in needed.items()}
        return {key: found.get(one.id, one) for key, one in known.items()}

    async def _with_text(self, known: Known) -> Known:
        relation = known.relation
        assert relation
        document = await self._texts.indexed(known.id, relation.seq) if self._texts else None
        if document is None:
            return known
        article = document.article
        return Known(
            id=known.id, content_hash=article.content_hash, relation=document.relation,
            traits=traits_of(article, document.tags.facts), fetched=article.fetched.at if article.fetched else None,
            text_from=article.text_from, partial=article.partial,
        )  # fmt: skip

    # -- moving what is old -----------------------------------------------------------------------------------------

    async def tick(self, now: datetime) -> Emit | None:
        """Move some of what is old; None if there was nothing. All that was sent must be durable."""
        return await self._ageing.tick(now, self._moved) if self._reads else None

    async def _moved(self, before: datetime) -> tuple[Out, ...] | None:
        await self._recent.settled(now=True)
        due = self._recent.due(before, LOOKED * self._page)
        targets = [one.alias_of for one in due.values() if one.alias_of]
        stored = self._archive.get(list(dict.fromkeys((*due, *targets))))
        done = [key for key, one in due.items() if _has(stored.get(key), one)]
        articles = [one for one in due.values() if one.relation and not _has(stored.get(one.id), one)]
        learned: dict[str, list[str]] = {}
        for key, one in due.items():
            if one.alias_of and not _has(stored.get(key), one):
                if one.alias_of in stored:
                    learned.setdefault(one.alias_of, []).append(key)
                else:
                    done.append(key)  # it leads to nothing
        full = len(articles) + len(learned) >= self._page or len(due) == LOOKED * self._page
        page = self._packed(articles[: self._page], learned) if full and (articles or learned) else ()
        return (*page, *(Out("known", key, None) for key in done)) or None

    def _packed(self, articles: Sequence[Known], learned: Mapping[str, Sequence[str]]) -> tuple[Out, ...]:
        keys: dict[str, list[str]] = {}
        for key, one in self._recent.leading([one.id for one in articles]).items():
            keys.setdefault(one.alias_of or "", []).append(key)
        record = Archived(articles=len(articles), packed=pack(page_of(articles, keys, learned)))
        seqs = [one.relation.seq for one in articles if one.relation]
        return (Out("archive", str(min(seqs, default=0)), record),)


def _has(stored: Known | None, one: Known) -> bool:
    """Whether the archive, which has `stored` under the key of `one`, says the same."""
    if stored is None or one.relation is None or stored.relation is None:
        return bool(stored and one.alias_of and one.alias_of in (stored.alias_of, stored.id))
    return stored.relation.seq == one.relation.seq


def decided_before(tagged: Tagged, at: Position, known: Mapping[str, Known]) -> Decision | None:
    """The decision that was made about this input before, if its fingerprint did not reach the log."""
    place = str(at)
    for article in known.values():
        noted = article.relation is not None and bool(article.relation.noted)
        if article.at == place and (noted or article.content_hash == tagged.article.content_hash):
            known_again = article if noted else None
            return Decision(article.id, article.relation, aliases=article.aliases, known=known_again)
    return None
