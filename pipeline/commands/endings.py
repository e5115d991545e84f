"""How a command ends with an error: its message and exit code."""

from __future__ import annotations

import errno

from pipeline.commands import CommandError
from pipeline.core.faults import Faults
from pipeline.records import SchemaError
from pipeline.requests.asking import Refused
from pipeline.stage import Stalled, Unavailable


def ending_of(error: Exception) -> tuple[str, int] | None:
    """Message and exit code for an error that the user can act on; None for any other, a fault of the program."""
    match error:
        case Faults():
            lines = [*map(str, error.faults), f"{len(error.faults)} fault(s) in the configuration"]
            return "\n".join(lines), 1
        case CommandError() | Refused():
            return str(error), 1
        case Unavailable() | SchemaError():
            return str(error), 3
        case Stalled():
            return str(error), 4
        case ExceptionGroup() if found := error.subgroup(Stalled):  # whatever else failed, a restart comes first
            return ending_of(_first(found))
        case ExceptionGroup() if len(error.exceptions) == 1:  # one of several concurrent tasks failed
            return ending_of(error.exceptions[0])
        case OSError() if error.errno == errno.ENOSPC:
            return f"no space left on the disk: {error.filename or 'writing'}", 3
        case OSError() if error.filename:
            return f"{error.filename}: {error.strerror}", 1
    return None


def _first(group: ExceptionGroup) -> Exception:
    error: Exception = group
    while isinstance(error, ExceptionGroup):
        error = error.exceptions[0]
    return error
