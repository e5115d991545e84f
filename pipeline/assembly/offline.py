"""The stages for `almenara process`: without log, index or network."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipeline.assembly.backends import clock, make_worker_pool, open_memory_pages
from pipeline.config.folder import Configuration
from pipeline.ports import MemoryPages
from pipeline.records import Known, Story

if TYPE_CHECKING:
    from pipeline.flow import ArticleStages


@dataclass
class OfflineStages:
    """The stages that turn items into documents, with pages from memory."""

    pages: MemoryPages
    article_stages: ArticleStages


@asynccontextmanager
async def offline_stages(configuration: Configuration) -> AsyncIterator[OfflineStages]:
    """The stages for `almenara process`: no log, index or network; the known articles are kept in memory."""
    from pipeline.backends.state_sqlite import ArchiveSqlite, StateSqlite
    from pipeline.core.timing.pace import Pace
    from pipeline.flow import Ports, build_article_stages

    settings = configuration.settings
    pool = make_worker_pool(settings, configuration.rules)
    try:
        pages = open_memory_pages()
        known, stories = StateSqlite(Known, ":memory:"), StateSqlite(Story, ":memory:")
        ports = Ports(pages, pool, known, ArchiveSqlite(":memory:"), stories, clock)
        unlimited = Pace(delay_per_site=0, per_domain=2**31)
        yield OfflineStages(pages, build_article_stages(ports, settings, configuration.rules, unlimited))
    finally:
        await pool.close()
