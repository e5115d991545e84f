"""The files that come with the program; `pipeline/shipped` links to them at the top of the source."""

from __future__ import annotations

from pathlib import Path

SHIPPED = Path(__file__).parents[1] / "shipped"
SHIPPED_CONFIG = SHIPPED / "config"
