"""The commands: one module per command or group of commands.

A command is a function with annotated arguments. Its docstring is its `--help`: the first line is shown in the list of
commands, the last paragraph is an example. `pipeline/cli.py` names it.
"""


class CommandError(Exception):
    """The input is wrong: ends the command with this message and exit code 1."""
