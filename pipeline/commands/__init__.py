"""The commands: one file per command or group of commands, with its arguments and what it does.

A command is a function with annotated arguments. Its docstring is its `--help`: the first line is the line in the list
of commands, the last paragraph an example. `pipeline/cli.py` gives it its name.
"""


class CommandError(Exception):
    """The input is at fault: ends the command with this message and exit code 1."""
