"""The part of Jinja2 that templates may use, and the check of their names.

A template writes text around values, chooses with `if` and repeats with `for`. It can call nothing, and calculates only
sums of numbers, so it can neither hang nor fill the memory: Jinja's sandbox stops access to Python, but not 10**10**10,
nested ranges or a text that is doubled a thousand times. Loops and characters are counted while it runs.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from jinja2 import nodes

from pipeline.core.faults import did_you_mean
from pipeline.core.messages.template_values import Shape

ALLOWED = (
    nodes.Template, nodes.Output, nodes.TemplateData, nodes.Name, nodes.Const, nodes.Getattr, nodes.Getitem, nodes.For,
    nodes.If, nodes.CondExpr, nodes.Assign, nodes.Compare, nodes.Operand, nodes.And, nodes.Or, nodes.Not, nodes.Neg,
    nodes.Test, nodes.Filter, nodes.List, nodes.Tuple, nodes.Slice, nodes.Concat, nodes.Add, nodes.Sub,
)  # fmt: skip
#: Names of what is not allowed, as people write it.
_WRITTEN = {
    "Call": "a call with ( )", "Pow": "**", "Mul": "*", "Mod": "%", "Div": "/", "FloorDiv": "//",
    "Include": "include", "Import": "import", "FromImport": "import",
    "Extends": "extends", "Macro": "macro",
    "CallBlock": "call", "FilterBlock": "filter as a block", "AssignBlock": "set as a block", "Block": "block",
    "Dict": "{ }", "With": "with",
}  # fmt: skip
LOOP: dict[str, Shape] = {
    "index": "number", "index0": "number", "revindex": "number", "revindex0": "number", "first": "flag", "last": "flag",
    "length": "number",
}  # fmt: skip
_MADE: dict[str, Shape] = {
    "join": "text", "upper": "text", "lower": "text", "capitalize": "text", "truncate": "text", "length": "number",
    "count": "number", "replace": "text", "trim": "text", "title": "text",
}  # fmt: skip

Fault = tuple[int, str, str]  # line, reason, hint
Scope = Mapping[str, Shape | None]


class Checker:
    """Finds what a template may not use, and names that do not exist. A shape None is not known, and not checked."""

    def __init__(self, variables: Mapping[str, Shape]) -> None:
        self._variables = variables
        self.faults: list[Fault] = []

    def template(self, tree: nodes.Template) -> list[Fault]:
        """All faults of a template, by line."""
        for node in tree.find_all(nodes.Node):
            if isinstance(node, nodes.Expr | nodes.Stmt) and not isinstance(node, ALLOWED):
                name = type(node).__name__
                self._fault(node, f"{_WRITTEN.get(name, name)} cannot be used in a template", "see docs/messages.md")
        if not self.faults:
            self._statements(tree.body, dict(self._variables))
        return sorted(set(self.faults))

    def _fault(self, node: nodes.Node, reason: str, hint: str = "") -> None:
        self.faults.append((node.lineno, reason, hint))

    def _statements(self, body: Iterable[nodes.Node], scope: dict[str, Shape | None]) -> None:
        for node in body:
            if isinstance(node, nodes.For):
                self._loop(node, scope)
            elif isinstance(node, nodes.If):
                self._shape(node.test, scope)
                for branch in (node.body, node.elif_, node.else_):
                    self._statements(branch, scope)
            elif isinstance(node, nodes.Assign):
                found = self._shape(node.node, scope)
                if isinstance(node.target, nodes.Name):
                    scope[node.target.name] = found
                else:
                    self._fault(node, "only one name can be set at a time")
            elif isinstance(node, nodes.Output):
                for part in node.nodes:
                    self._written(part, scope)

    def _written(self, node: nodes.Expr, scope: Scope) -> None:
        found = self._shape(node, scope)
        if isinstance(found, list):
            self._fault(node, "a list cannot be written as it is", "for example {{ words | join(', ') }}, or a for")
        elif isinstance(found, dict):
            self._fault(node, "this has fields, and cannot be written as it is", f"one of {', '.join(found)}")

    def _loop(self, node: nodes.For, scope: dict[str, Shape | None]) -> None:
        repeated = self._shape(node.iter, scope)
        if repeated is not None and not isinstance(repeated, list):
            self._fault(node, "for needs a list", f"lists are {', '.join(self._lists())}")
        if node.recursive or not isinstance(node.target, nodes.Name):
            self._fault(node, "a for needs one name, and cannot be recursive")
            return
        element = repeated[0] if isinstance(repeated, list) and repeated else None
        inner = {**scope, node.target.name: element, "loop": LOOP}
        if node.test is not None:
            self._shape(node.test, inner)
        self._statements(node.body, inner)
        self._statements(node.else_, dict(scope))

    def _lists(self) -> list[str]:
        return [name for name, shape in self._variables.items() if isinstance(shape, list)]

    def _shape(self, node: nodes.Node, scope: Scope) -> Shape | None:
        """The shape of a value, None if it is not known; notes the faults in it."""
        match node:
            case nodes.Name(name=name):
                if name not in scope:
                    self._fault(node, f"there is no {name}", did_you_mean(name, scope))
                return scope.get(name)
            case nodes.Getattr(node=inner, attr=name) | nodes.Getitem(node=inner, arg=nodes.Const(value=str(name))):
                return self._field(node, self._shape(inner, scope), name)
            case nodes.Getitem(node=inner, arg=nodes.Slice() as arg):
                self._shape(arg, scope)
                return self._shape(inner, scope)
            case nodes.Concat() | nodes.Add() | nodes.Sub():
                for part in node.iter_child_nodes():
                    self._shape(part, scope)
                return "text" if isinstance(node, nodes.Concat) else "number"
            case nodes.Getitem(node=inner, arg=arg):
                self._shape(arg, scope)
                owner = self._shape(inner, scope)
                return owner[0] if isinstance(owner, list) and owner else None
            case nodes.Filter(node=inner, name=name):
                return self._filtered(node, inner, name, scope)
            case nodes.CondExpr(expr1=first):
                shapes = [self._shape(part, scope) for part in node.iter_child_nodes()]
                return self._shape(first, scope) if len(shapes) > 1 else None
            case nodes.Const(value=value):
                return "text" if isinstance(value, str) else "number"
            case nodes.List() | nodes.Tuple():
                items = [self._shape(item, scope) for item in node.items]
                return [items[0]] if items and items[0] else None
            case _:
                for part in node.iter_child_nodes():
                    self._shape(part, scope)
                return None

    def _filtered(self, node: nodes.Filter, inner: nodes.Expr | None, name: str, scope: Scope) -> Shape | None:
        for part in [*node.args, *(pair.value for pair in node.kwargs)]:
            self._shape(part, scope)
        found = self._shape(inner, scope) if inner is not None else None
        if name == "safe":
            self._fault(
                node, "safe cannot be used in a template", "every value is escaped; link and quotes have markup"
            )
        if name in ("first", "last"):
            return found[0] if isinstance(found, list) and found else None
        return _MADE.get(name, found)

    def _field(self, node: nodes.Node, owner: Shape | None, name: str) -> Shape | None:
        if owner is None:
            return None
        if isinstance(owner, dict) and name in owner:
            return owner[name]
        known = list(owner) if isinstance(owner, dict) else []
        what = "a list" if isinstance(owner, list) else "this" if isinstance(owner, dict) else f"a {owner}"
        self._fault(
            node, f"{what} has no {name}", did_you_mean(name, known, f"one of {', '.join(known)}" if known else "")
        )
        return None
