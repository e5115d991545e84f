"""Captures standard error at the level of the operating system, including libraries in C and child processes."""

from __future__ import annotations

import os
import select
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

from pipeline.terminal.libraries import log_foreign

PAUSE = 0.1  # seconds without output after which what was written counts as complete
BLOCK = 65_536  # bytes of one event
END = 1.0  # seconds to read the rest; a child that still runs keeps the pipe open


@contextmanager
def captured() -> Iterator[TextIO]:
    """Inside, what is written to file descriptor 2 is logged; what the context yields writes to the original."""
    sys.stderr.flush()
    original = os.dup(2)
    reading, writing = os.pipe()
    os.dup2(writing, 2)
    os.close(writing)
    thread = threading.Thread(target=_pass_on, args=(reading,), name="standard error", daemon=True)
    thread.start()
    with open(original, "w", encoding="utf-8", errors="replace") as file:
        try:
            yield file
        finally:
            sys.stderr.flush()
            os.dup2(original, 2)  # closes the last writing end of this process
            thread.join(END)


def _pass_on(reading: int) -> None:
    """Log what is written, block by block, until every writer has closed."""
    while block := os.read(reading, BLOCK):
        while len(block) < BLOCK and select.select([reading], [], [], PAUSE)[0]:
            more = os.read(reading, BLOCK - len(block))
            if not more:
                break
            block += more
        if text := block.decode(errors="replace").strip():
            log_foreign("stderr", text)
    os.close(reading)
