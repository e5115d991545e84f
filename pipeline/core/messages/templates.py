"""Reads templates of messages, and fills them: Jinja2 in its sandbox, and of it only what template_language.py allows.

Every value is escaped for the medium as it is written, so a template cannot let a title make a link.
"""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from jinja2 import (
    StrictUndefined,
    TemplateError,
    TemplateSyntaxError,
    Undefined,
    UndefinedError,
    nodes,
    pass_context,
    pass_environment,
)
from jinja2.runtime import Context, LoopContext
from jinja2.sandbox import SandboxedEnvironment
from jinja2.visitor import NodeTransformer

from pipeline.core.faults import Fault, Faults
from pipeline.core.messages.foreign import HAIR, cut, tame

if TYPE_CHECKING:
    import jinja2

    from pipeline.core.messages.form import Medium, Voice
    from pipeline.records import Message

FOLDER = "templates"  # of the configuration
LONGEST = 20_000  # characters of a template
STEPS = 20_000  # rounds of all its loops
MOST = 200_000  # characters that it writes
LARGEST = 10**9  # number that it may add to another
_EDGES = (".", ":", "/", "@", "#", "]", "[", "&")


class TemplateFault(ValueError):
    """A template cannot write a message. `line` of the template, where that is known."""

    def __init__(self, name: str, reason: str, line: int | None = None) -> None:
        super().__init__(f"{name}{f':{line}' if line else ''}: {reason}")
        self.reason, self.line = reason, line


@dataclass(frozen=True, slots=True)
class Template:
    """A template that was checked. `name`: its file in templates/; one that ends in .html is for HTML only."""

    name: str
    source: str

    def fits(self, medium: Medium) -> bool:
        """Whether it is written in this medium: text can become HTML, but not the other way round."""
        return medium.value == "html" or not self.name.endswith(".html")


def read_template(name: str, source: str) -> Template:
    """The template in a file. Raises Faults, with lines, for what it may not use and for names that do not exist."""
    from pipeline.core.messages.template_language import Checker
    from pipeline.core.messages.template_values import VARIABLES, shape_of

    path = f"{FOLDER}/{name}"
    if len(source) > LONGEST:
        raise Faults((Fault(path, "", f"it has {len(source):,} characters, at most {LONGEST:,} are read"),))
    try:
        tree = _environment("plain").parse(source, name)
        found = Checker(shape_of(VARIABLES)).template(tree)
        if not found:
            _compiled(name, source, "plain")
    except TemplateSyntaxError as error:
        raise Faults((Fault(path, "", error.message or "it cannot be read", line=error.lineno),)) from None
    except (RecursionError, MemoryError, SyntaxError, ValueError):
        raise Faults((Fault(path, "", "it cannot be read: nested too deeply, or a number too long"),)) from None
    if found:
        raise Faults(tuple(Fault(path, "", reason, hint, line) for line, reason, hint in found))
    return Template(name, source)


def filled(template: Template, message: Message, medium: Medium, voice: Voice) -> str:
    """The message as the template writes it. Raises TemplateFault."""
    from pipeline.core.messages.template_values import values

    name = template.name
    try:
        compiled = _compiled(name, template.source, medium.value)
        parts, size = [], 0
        for part in compiled.generate(values(message, medium, voice), _steps=[STEPS]):
            size += len(part)
            if size > MOST:
                raise TemplateFault(name, f"it writes more than {MOST:,} characters")
            parts.append(part)
    except TemplateFault as fault:
        raise TemplateFault(name, fault.reason, fault.line) from None
    except UndefinedError as error:
        raise TemplateFault(name, "a value that it uses is missing in this message", _line_of(error, name)) from None
    except (
        TemplateError,
        TypeError,
        ValueError,
        LookupError,
        ArithmeticError,
        AttributeError,
        RecursionError,
    ) as error:
        raise TemplateFault(name, str(error) or type(error).__name__, _line_of(error, name)) from None
    text = "".join(parts)
    return text.replace("\n", "<br>\n") if medium.value == "html" and not name.endswith(".html") else text


class _Rows(NodeTransformer):
    """Makes a filter of `a ~ b`, so that each part is written as it would be alone: escaped, or with its markup."""

    def visit_Concat(self, node: nodes.Concat) -> nodes.Filter:  # noqa: N802  # its name in Jinja
        self.generic_visit(node)
        parts = nodes.List(node.nodes, lineno=node.lineno)
        return nodes.Filter(parts, "row", [], [], None, None, lineno=node.lineno)


class _Sandbox(SandboxedEnvironment):
    """Counts the rounds of loops, and has neither functions nor other filters than those of `_FILTERS`."""

    intercepted_binops = frozenset(["+", "-"])

    def __init__(self, medium: str) -> None:
        from pipeline.core.messages.form import Medium
        from pipeline.core.messages.media import escaped
        from pipeline.core.messages.template_values import Ours

        def finalize(value: Any) -> str:
            if isinstance(value, Ours):
                return str(value)
            if isinstance(value, StrictUndefined):
                str(value)  # raises
            if value is None or isinstance(value, bool | Undefined):
                return "yes" if value is True else "no" if value is False else ""
            if isinstance(value, str | int):
                return escaped(_loose(tame(str(value), 5_000)), Medium(medium))
            raise TemplateFault("", f"{type(value).__name__} cannot be written as it is")

        self.written = finalize
        super().__init__(
            undefined=StrictUndefined, finalize=finalize, trim_blocks=True, lstrip_blocks=True, autoescape=False
        )
        self.globals.clear()
        self.filters = {**_FILTERS, "counted": _counted, "row": _row}
        self.tests = {name: test for name, test in self.tests.items() if name in _TESTS}

    def getattr(self, obj: Any, attribute: str) -> Any:
        """A field of a value or of `loop`; never an attribute of a Python object."""
        if isinstance(obj, LoopContext):
            return super().getattr(obj, attribute)
        return self.getitem(obj, attribute)

    def getitem(self, obj: Any, argument: Any) -> Any:
        """A field, or an element of a list."""
        if isinstance(obj, dict) and argument in obj:
            return obj[argument]
        if isinstance(obj, list | tuple) and isinstance(argument, int) and -len(obj) <= argument < len(obj):
            return obj[argument]
        return self.undefined(obj=obj, name=argument)

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        """The sum or difference of two numbers."""
        for value in (left, right):
            if not isinstance(value, int) or isinstance(value, bool) or abs(value) > LARGEST:
                raise TemplateFault("", f"{operator} needs two numbers; ~ joins texts")
        return left + right if operator == "+" else left - right

    def _generate(self, source: nodes.Template, *args: Any, **options: Any) -> str:
        source = _Rows().visit(source)
        for loop in list(source.find_all(nodes.For)):
            loop.iter = nodes.Filter(loop.iter, "counted", [], [], None, None, lineno=loop.lineno)
        return super()._generate(source, *args, **options)


@lru_cache(8)
def _environment(medium: str) -> _Sandbox:
    return _Sandbox(medium)


@lru_cache(64)
def _compiled(name: str, source: str, medium: str) -> jinja2.Template:
    environment = _environment(medium)
    code = environment.compile(source, name, name)
    return environment.template_class.from_code(environment, code, environment.make_globals(None))


@pass_context
def _counted(context: Context, value: Any) -> Iterator[Any]:
    left: list[int] = context["_steps"]
    if not isinstance(value, list | tuple):
        raise TemplateFault("", "for needs a list")
    for item in value:
        left[0] -= 1
        if left[0] < 0:
            raise TemplateFault("", f"its loops make more than {STEPS:,} rounds")
        yield item


def _loose(text: str) -> str:
    """`text` with a hair space at an edge where the text beside it in the template could make a link of both."""
    before = HAIR if text[:1] in _EDGES else ""
    return f"{before}{text}{HAIR if text[-1:] in _EDGES else ''}"


@pass_environment
def _joined(environment: _Sandbox, value: Any, between: str = ", ") -> str:
    """The values in a row, each as it is written; between them a text, which must separate words."""
    from pipeline.core.messages.template_values import Ours

    between = str(between) if any(map(str.isspace, str(between))) else f"{between}{HAIR}"
    inner = environment.written(between.strip()) if between.strip() else ""
    between = between.replace(between.strip(), inner) if inner else between
    found = [environment.written(item) for item in value] if isinstance(value, list | tuple) else [str(value)]
    if sum(map(len, found)) + len(found) * len(between) > MOST:
        raise TemplateFault("", f"join makes more than {MOST:,} characters")
    return Ours(between.join(found)) if isinstance(value, list | tuple) else found[0]


@pass_environment
def _row(environment: _Sandbox, parts: list[Any]) -> str:
    """What `a ~ b` writes."""
    from pipeline.core.messages.template_values import Ours

    found: list[str] = []
    for part in parts:
        text = environment.written(part)
        if isinstance(part, str) and not isinstance(part, Ours):  # the spaces at its edges stay
            text = part if not text else f"{part[: -len(part.lstrip())]}{text.strip()}{part[len(part.rstrip()) :]}"
        found.append(text)
    if sum(map(len, found)) > MOST:
        raise TemplateFault("", f"~ makes more than {MOST:,} characters")
    return Ours("".join(found))


def _plain(change: Callable[..., str]) -> Callable[..., str]:
    """A filter that changes a text; one with markup it would damage."""

    def changed(text: Any, *args: Any) -> str:
        from pipeline.core.messages.template_values import Ours

        if isinstance(text, Ours):
            raise TemplateFault("", "this filter cannot change a text with markup")
        return change(str(text), *map(str, args))

    return changed


def _replaced(text: str, before: str, after: str) -> str:
    if text.count(before) * len(after) > MOST:
        raise TemplateFault("", f"replace makes more than {MOST:,} characters")
    return text.replace(before, after)


def _truncated(text: Any, length: int = 100) -> str:
    return cut(str(text), int(length))


def _or_else(value: Any, other: Any = "") -> Any:
    return value or other


_FILTERS: dict[str, Callable[..., Any]] = {
    "join": _joined,
    "upper": lambda text: str(text).upper(),
    "lower": lambda text: str(text).lower(),
    "capitalize": lambda text: str(text).capitalize(),
    "truncate": _truncated,
    "length": len,
    "count": len,
    "first": lambda values: values[0] if values else "",
    "last": lambda values: values[-1] if values else "",
    "default": _or_else,
    "e": lambda value: value,  # every value is escaped as it is written
    "escape": lambda value: value,
    "safe": lambda value: value,  # refused by the check
    "replace": _plain(_replaced),
    "trim": _plain(str.strip),
    "title": _plain(str.title),
    "sort": lambda values: sorted(values, key=lambda value: str(value).casefold()),
    "unique": lambda values: list(dict.fromkeys(values)),
    "reverse": lambda values: list(reversed(values)),
}
_TESTS = frozenset({"defined", "none", "odd", "even", "in", "eq", "ne", "gt", "lt", "ge", "le"})


def _line_of(error: BaseException, name: str) -> int | None:
    """The line of the template in which an error arose."""
    lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == name]
    return lines[-1] if lines else None
