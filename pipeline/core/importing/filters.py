"""Rewrites the filters of an ElastAlert 2 rule, in Elasticsearch's Query DSL, as a query of ours.

A filter that cannot be written is never left out: the rule would find more than it did.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from pipeline.core.documents.fields import DATE_FIELDS, NUMBER_FIELDS, TEXT_FIELDS
from pipeline.core.importing.imported import any_of, grouped, quoted
from pipeline.core.importing.lucene import Lucene, NotCarriedOver
from pipeline.core.text.tidy import cut

DEEPEST, MOST = 40, 5_000

#: Our fields that mean the same in other indices of news; `id`, `host` and others mean something else there.
FIELDS = (
    "title", "text", "source", "site", "language", "author", "section", "country", "place", "topic", "feed",
    "outlet_country", "published", "first_seen", "word_count",
)  # fmt: skip
#: Fields of other indices of news -> ours.
_SAME = {
    "headline": "title", "subject": "title", "news.title": "title", "name": "title",
    "body": "text", "content": "text", "article": "text", "full_text": "text", "news.text": "text",
    "lang": "language", "language_code": "language", "publisher": "source", "outlet": "source", "source_name": "source",
    "publication": "source", "domain": "site", "hostname": "site", "site_name": "source", "byline": "author",
    "authors": "author", "category": "section", "country_code": "country", "countries": "country", "topics": "topic",
    "published_at": "published", "pubdate": "published", "published_date": "published", "date": "published",
    "publish_date": "published", "@timestamp": "first_seen", "timestamp": "first_seen", "words": "word_count",
}  # fmt: skip
#: Fields that mean title and text together.
_ALL = frozenset({"", "_all", "*", "message", "@message", "all", "description", "summary"})
_RANGE = re.compile(r"([\[{])\s*(\S+)\s+TO\s+(\S+?)\s*([\]}])")
_COMPARE = re.compile(r"([<>])(=?)(\S+)")


class Filters:
    """Rewrites filters; `remarks` collects what decided nothing."""

    def __init__(self) -> None:
        self.remarks: list[str] = []
        self._count = 0

    def query(self, filters: Any) -> str:
        """The query that all filters of a rule make together. Raises NotCarriedOver."""
        parts = [self._filter(one, 0) for one in (filters if isinstance(filters, list) else [filters]) if one]
        parts = [part for part in dict.fromkeys(parts) if part]
        if not parts:
            raise NotCarriedOver("it has no filter, so every article would match")
        return parts[0] if len(parts) == 1 else " AND ".join(grouped(part) for part in parts)

    def _filter(self, found: Any, depth: int) -> str:
        self._count += 1
        if depth > DEEPEST or self._count > MOST:
            raise NotCarriedOver("the filter has too many parts")
        if not isinstance(found, Mapping) or len(found) != 1:
            raise NotCarriedOver(f"{_short(found)} is no filter")
        (kind, body), *_ = found.items()
        handler = getattr(self, f"_{kind}", None) if kind in _KINDS else None
        if handler is None:
            raise NotCarriedOver(f"the filter {kind}: {_KNOWN}")
        query: str = handler(body, depth + 1)
        return query

    # -- several

    def _query(self, body: Any, depth: int) -> str:
        return self._filter(body, depth)

    def _constant_score(self, body: Any, depth: int) -> str:
        return self._filter(_mapping(body).get("filter"), depth)

    def _bool(self, body: Any, depth: int) -> str:
        body = _mapping(body)
        if unknown := body.keys() - {"must", "filter", "should", "must_not", "minimum_should_match", "boost"}:
            raise NotCarriedOver(f"bool.{min(unknown)}: is not known")
        must = [self._filter(one, depth) for key in ("must", "filter") for one in _items(body.get(key))]
        should = [self._filter(one, depth) for one in _items(body.get("should"))]
        least = body.get("minimum_should_match", 0 if must else 1)
        if should and str(least) not in ("0", "1"):
            raise NotCarriedOver(f"minimum_should_match: {least}: all or one of several can be asked for")
        if should and str(least) == "1":
            must.append(any_of([grouped(one) for one in should]))
        elif should:
            self.remarks.append("bool.should: it is optional beside must, and only ranks")
        excluded = [f"NOT {grouped(self._filter(one, depth))}" for one in _items(body.get("must_not"))]
        return " AND ".join([*(grouped(one) for one in must if one), *excluded])

    def _and(self, body: Any, depth: int) -> str:
        return self._bool({"must": body.get("filters") if isinstance(body, Mapping) else body}, depth)

    def _or(self, body: Any, depth: int) -> str:
        return self._bool({"should": body.get("filters") if isinstance(body, Mapping) else body}, depth)

    def _not(self, body: Any, depth: int) -> str:
        inner = body.get("filter", body) if isinstance(body, Mapping) else body
        return f"NOT {grouped(self._filter(inner, depth))}"

    # -- one

    def _query_string(self, body: Any, depth: int) -> str:
        body = {"query": body} if isinstance(body, str) else _mapping(body)
        fields = body.get("fields") or [body.get("default_field") or ""]
        text = str(body.get("query", "")).strip()
        if text in ("*", "*:*", ""):
            self.remarks.append(f"query {text or 'that is empty'}: it matches everything")
            return ""
        every = str(body.get("default_operator", "or")).lower() == "and"
        queries = []
        for name in fields:
            reader = Lucene(text, partial(_or_default, str(name)), every)
            queries.append(reader.query() if len(fields) == 1 else grouped(reader.query()))
            self.remarks += [one for one in reader.remarks if one not in self.remarks]
        return any_of(queries)

    def _simple_query_string(self, body: Any, depth: int) -> str:
        body = _mapping(body)
        text = str(body.get("query", "")).replace("|", " OR ").replace("+", " AND ")
        return self._query_string(dict(body) | {"query": text}, depth)

    def _term(self, body: Any, depth: int) -> str:
        name, value = _pair(body)
        return condition(name, "phrase~0", _text(value, "value"))

    def _terms(self, body: Any, depth: int) -> str:
        name, values = _pair({key: value for key, value in _mapping(body).items() if key not in ("boost", "execution")})
        if not isinstance(values, list) or not values:
            raise NotCarriedOver(f"terms on {name}: its values are not in the rule")
        return any_of([condition(name, "phrase~0", _text(value)) for value in values])

    def _match(self, body: Any, depth: int) -> str:
        name, value = _pair(body)
        options = value if isinstance(value, Mapping) else {}
        if fuzzy := options.get("fuzziness"):
            raise NotCarriedOver(f"fuzziness: {fuzzy}: words that are only similar are not found")
        if least := options.get("minimum_should_match"):
            raise NotCarriedOver(f"minimum_should_match: {least}: all or one of several can be asked for")
        words = [condition(name, "word", word) for word in _text(value, "query").split()]
        if not words:
            raise NotCarriedOver(f"match on {name}: it has no words")
        every = str(options.get("operator", "or")).lower() == "and"
        return " AND ".join(words) if every else any_of(words)

    def _match_phrase(self, body: Any, depth: int) -> str:
        name, value = _pair(body)
        slop = value.get("slop", 0) if isinstance(value, Mapping) else 0
        return condition(name, f"phrase~{slop}", _text(value, "query"))

    def _multi_match(self, body: Any, depth: int) -> str:
        body = _mapping(body)
        kind = "match_phrase" if body.get("type") == "phrase" else "match"
        more = {key: body[key] for key in ("operator", "fuzziness", "minimum_should_match", "slop") if key in body}
        names = [str(name).partition("^")[0] for name in _items(body.get("fields")) or [""]]
        return any_of(
            [grouped(self._filter({kind: {n: {"query": body.get("query", ""), **more}}}, depth)) for n in names]
        )

    def _prefix(self, body: Any, depth: int) -> str:
        name, value = _pair(body)
        return condition(name, "wildcard", f"{_text(value, 'value')}*")

    def _wildcard(self, body: Any, depth: int) -> str:
        name, value = _pair(body)
        return condition(name, "wildcard", _text(value, "value", "wildcard"))

    def _range(self, body: Any, depth: int) -> str:
        name, value = _pair(body)
        ends = _mapping(value)
        low, high = ends.get("gte", ends.get("gt", ends.get("from"))), ends.get("lte", ends.get("lt", ends.get("to")))
        opening, closing = "{" if "gt" in ends else "[", "}" if "lt" in ends else "]"
        return condition(name, "range", f"{opening}{_end(low)} TO {_end(high)}{closing}")

    def _exists(self, body: Any, depth: int) -> str:
        return f"_exists_:{ours(str(_mapping(body).get('field', '')))}"

    def _missing(self, body: Any, depth: int) -> str:
        return f"NOT {self._exists(body, depth)}"

    def _match_all(self, body: Any, depth: int) -> str:
        self.remarks.append("match_all: it matches everything")
        return ""


_KINDS = tuple(
    name.removeprefix("_") for name in vars(Filters) if re.fullmatch(r"_[a-z]\w+", name) and name != "_filter"
)
_KNOWN = f"known are {', '.join(_KINDS)}"


def _or_default(default: str, name: str, kind: str, value: str) -> str:
    return condition(name or default, kind, value)


def ours(name: str) -> str:
    """Our field for a field of the index. Raises NotCarriedOver without such a field."""
    plain = re.sub(r"\.(?:keyword|raw|exact|analyzed|text)$", "", name.strip().lower())
    plain = _SAME.get(plain, plain)
    if plain in FIELDS:
        return plain
    raise NotCarriedOver(f"{name} is no field of articles; these are: {', '.join(FIELDS)}")


def condition(name: str, kind: str, value: str) -> str:
    """One condition. `kind`: word, phrase~SLOP, wildcard, range. Raises NotCarriedOver."""
    if name == "_exists_":
        return f"_exists_:{ours(value)}"
    field = "" if name.lower().removesuffix(".keyword") in _ALL else ours(name)
    prefix = f"{field}:" if field else ""
    is_text = field in ("", *TEXT_FIELDS)
    if kind == "range":
        return prefix + _range(field, value)
    if field in DATE_FIELDS or field in NUMBER_FIELDS:
        return f"{prefix}{value}"
    if kind == "wildcard":
        if value == "*" and field:
            return f"_exists_:{field}"
        if not is_text or not re.fullmatch(r"[^\W_]+\*", value):
            raise NotCarriedOver(f"{prefix}{value}: only the end of a word can be left open, as in word*")
        return prefix + value
    slop = kind.partition("~")[2] or "0"
    if not value.strip():
        raise NotCarriedOver(f"{prefix or 'a phrase'} has no words")
    text = quoted(value)
    if int(slop) and is_text:
        text = text if text.startswith('"') else f'"{text}"'
        return f"{prefix}{text}~{slop}"
    return prefix + text


def _range(field: str, value: str) -> str:
    if field not in (*DATE_FIELDS, *NUMBER_FIELDS):
        raise NotCarriedOver(f"{field or 'text'}:{value}: ranges are of dates and numbers")
    if found := _COMPARE.fullmatch(value):
        sign, equal, end = found.groups()
        ends = ("[" if equal else "{", end, "*", "]") if sign == ">" else ("[", "*", end, "]" if equal else "}")
    elif found := _RANGE.fullmatch(value):
        ends = (found[1], found[2], found[3], found[4])
    else:
        raise NotCarriedOver(f"{field}:{value}: is no range")
    return f"{ends[0]}{ends[1]} TO {ends[2]}{ends[3]}"


def _mapping(found: Any) -> Mapping[str, Any]:
    if not isinstance(found, Mapping):
        raise NotCarriedOver(f"{_short(found)} is no filter")
    return found


def _items(found: Any) -> Sequence[Any]:
    return found if isinstance(found, list) else [] if found is None else [found]


def _pair(body: Any) -> tuple[str, Any]:
    """Field and value of a filter on one field."""
    body = {key: value for key, value in _mapping(body).items() if key not in ("boost", "_name")}
    if len(body) != 1:
        raise NotCarriedOver(f"{_short(body)}: it must have one field")
    (name, value), *_ = body.items()
    return str(name), value


def _text(value: Any, *keys: str) -> str:
    if isinstance(value, Mapping):
        value = next((value[key] for key in keys if key in value), None)
    if isinstance(value, bool):
        return str(value).lower()
    if value is None or isinstance(value, list | dict):
        raise NotCarriedOver(f"{_short(value)} is no value")
    return str(value)


def _end(value: Any) -> str:
    return "*" if value is None else str(value)


def _short(found: Any) -> str:
    return cut(str(found), 60)
