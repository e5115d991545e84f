"""What test_shape.py allows: imports between packages of the core, what stands where, how long files may be."""

from __future__ import annotations

#: What the core may not import: it reaches outside or waits. The core gets its results as arguments.
IMPURE = {
    "asyncio", "os", "socket", "subprocess", "time", "random", "logging", "structlog", "threading", "multiprocessing",
    "httpx", "aiohttp", "sqlite3", "tempfile", "shutil", "requests", "urllib.request",
}  # fmt: skip

#: What else of `pipeline` the core may import: the records, and the results of a step (Drop).
CORE_MAY_USE = {"pipeline.core", "pipeline.records", "pipeline.stage"}

#: What all of `pipeline/core` may import from itself: how texts for people are made.
CORE_BASE = {"wording"}

#: A package or module of `pipeline/core` -> those that it may import beside these.
CORE_IMPORTS: dict[str, set[str]] = {
    "wording": set(),
    "faults": set(),
    "sites": set(),
    "url_parameters": set(),  # data
    "url_variants": {"sites", "url_parameters"},
    "urls": {"sites", "url_parameters", "url_variants"},
    "toml_lines": set(),
    "toml_reader": {"faults", "toml_lines"},  # reports what is wrong with a file, and in which line
    "vocabulary": set(),  # data
    "text": set(),
    "decoding": set(),
    "expressions": {"text"},
    "places": {"text"},
    "topics": {"text", "expressions", "places", "faults", "toml_reader"},  # terms from numbers, dates, demonyms
    "facts": {"text", "expressions", "places", "topics"},
    "tagging": {"text", "places", "topics", "facts", "faults", "toml_reader"},  # examples beside the rules have faults
    "feeds": {
        "url_parameters",
        "url_variants",
        "decoding",
        "text",
        "urls",
        "redirects",
        "faults",
        "toml_reader",
    },  # dates in feeds; the seed file
    "timing": {"feeds", "pages", "urls"},  # when a feed is due follows from what it listed; politeness is per site
    "pages": {"decoding", "text", "urls"},
    "redirects": {"decoding", "urls"},  # a page is decoded to see where it leads
    "robots": {"urls"},
    "stories": {"text", "urls", "expressions"},
    "documents": {"text", "urls", "stories"},  # the table of fields; stories are indexed by their importance
    "query": {"text", "documents"},  # query fields are document fields
    "matching": {"text", "query", "documents"},
    "calendar": {"faults"},  # quiet hours and digests in a time zone
    "alerts": {"text", "query", "matching", "documents", "stories", "calendar", "faults", "toml_reader"},
    "notification": {"text", "query", "alerts", "calendar", "stories"},  # what to send when
    "messages": {
        "text",
        "query",
        "documents",
        "alerts",
        "calendar",
        "urls",
        "faults",
        "toml_reader",
    },  # what is said, for each medium
    "importing": {"text", "query", "documents", "alerts"},  # rules of other programs become alert rules
    "evaluation": {
        "text",
        "faults",
        "toml_reader",
        "topics",
        "tagging",
    },  # labels are read from files; errors have steps
    "preload": {"feeds", "pages", "places", "stories", "text"},  # reads one article with each of them
}

#: What the web pages may not import: they read through protocols and `reports/`, and ask by records on the log.
NOT_OF_THE_CONSOLE = {
    "agents", "pipeline.assembly", "pipeline.backends", "pipeline.commands", "pipeline.flow", "pipeline.stages",
    "pipeline.terminal", "pipeline.cli", "pipeline.demo",
}  # fmt: skip

#: What stands in `pipeline/` beside the packages.
TOP_LEVEL = {"__init__", "__main__", "cli", "failpoints", "flow", "ports", "records", "stage"}

#: Folders of tests that mirror no package, and what they hold.
OTHER_TESTS = {
    "console/browser": "pages in a real browser",
    "contracts": "one file per protocol, run over every backend of it",
    "flow": "the stages together",
    "gate": "the topics against labelled articles",
    "parity": "the same queries in every index",
    "scripts": "the scripts",
    "services": "the real servers",
}

MOST_LINES, MOST_LINES_OF_A_FUNCTION = 300, 50
#: Longer files, and why. One that got short must leave the table.
LONGER = {
    "pipeline/core/documents/fields.py": "every field of a document, in one table",
    "pipeline/ports.py": "the protocols of all that is outside, on one page",
    "pipeline/records.py": "all that travels between stages, on one page",
    "pipeline/stage.py": "what a stage is and every way a step ends, on one page",
}
