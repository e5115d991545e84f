"""Paths of the files that are installed with the program. `pipeline/shipped` links to them in the source tree."""

from __future__ import annotations

from pathlib import Path

SHIPPED = Path(__file__).parents[1] / "shipped"
SHIPPED_CONFIG = SHIPPED / "config"
