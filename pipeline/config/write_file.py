"""Replaces a file of the configuration, whole or not at all."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from pipeline.failpoints import point


def replace_file(file: Path, content: bytes) -> None:
    """Write the whole file or nothing; a link stays, and so do its permissions. Raises OSError."""
    target = Path(os.path.realpath(file))
    descriptor, temporary = tempfile.mkstemp(dir=target.parent, prefix=".new-")
    try:
        with open(descriptor, "wb") as out:
            out.write(content)
            out.flush()
            os.fsync(out.fileno())
        point("config.written")
        Path(temporary).chmod(target.stat().st_mode & 0o7777 if target.exists() else 0o644)
        os.replace(temporary, target)
        point("config.replaced")
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
