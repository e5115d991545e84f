"""The languages that core/vocabulary has tables for."""

from __future__ import annotations

from pathlib import Path

from pipeline.core import vocabulary

_FILES = Path(vocabulary.__file__).parent.glob("nations-*.toml")
LANGUAGES = tuple(sorted(file.stem.removeprefix("nations-") for file in _FILES))
