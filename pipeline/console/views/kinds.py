"""The pages that have views: what each of them can be narrowed down by."""

from __future__ import annotations

from pipeline.console.views.view import Kind
from pipeline.core.documents.fields import FACETS
from pipeline.core.documents.story_facets import STORY_FACETS

NOW = Kind(
    "/", ("rule", *STORY_FACETS), ("importance", "newest"), ("3d", "24h", "7d", "30d", "all"),
    ("matched", "differs", "followed"), timed=False,
)  # fmt: skip
#: Days are chosen in the histogram.
SEARCH = Kind(
    "/search", tuple(name for name in FACETS if name != "day"), ("relevance", "time"), ("all", "24h", "3d", "7d", "30d")
)
