"""The mutants of a module: one small change each, as a programmer's slip would make it."""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterator
from pathlib import Path
from typing import TypeVar

import attrs

_COMPARISONS: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
}
_ARITHMETIC: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.FloorDiv,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.Mult,
    ast.Pow: ast.Mult,
    ast.BitAnd: ast.BitOr,
}
_Part = TypeVar("_Part")
_NO_TRACE = {"assert_never"}
_PLAIN_DECORATORS = {
    *("property", "classmethod", "staticmethod", "overload", "contextmanager"),
    *("abstractmethod", "cached_property", "wraps", "frozen", "define", "unique"),
}


@attrs.frozen
class Mutant:
    """One change of one module. `function` is empty where the change is made at import."""

    path: Path
    number: int
    line: int
    function: str
    before: str
    after: str

    def __str__(self) -> str:
        where = self.function or "module"
        return f"{self.path}:{self.line} {where}: {self.before} -> {self.after}"

    @property
    def key(self) -> tuple[str, str, str, str]:
        """What the mutant is called where lines may have moved."""
        return (str(self.path), self.function, self.before, self.after)

    def tree(self) -> ast.Module:
        """The module with this change made."""
        visitor = _Visitor(self.path, wanted=self.number)
        changed = visitor.visit(ast.parse(self.path.read_text(encoding="utf-8")))
        assert isinstance(changed, ast.Module)
        assert visitor.made, self
        return ast.fix_missing_locations(changed)


def mutants_of(path: Path) -> list[Mutant]:
    """Every mutant of the module at path."""
    visitor = _Visitor(path)
    visitor.visit(ast.parse(path.read_text(encoding="utf-8")))
    return visitor.found


class _Visitor(ast.NodeTransformer):
    """Counts the mutants in a fixed order, and makes the wanted one."""

    def __init__(self, path: Path, wanted: int | None = None) -> None:
        self.found: list[Mutant] = []
        self.made = False
        self._path, self._wanted = path, wanted
        self._inside: list[str] = []
        self._in_function = False

    def visit(self, node: ast.AST) -> ast.AST:
        if self.made or _is_left_out(node):
            return node
        for changed in _changes(node):
            number = len(self.found)
            self.found.append(
                Mutant(
                    self._path,
                    number,
                    getattr(node, "lineno", 0),
                    ".".join(self._inside) if self._in_function else "",
                    _written(node),
                    _difference(node, changed),
                )
            )
            if number == self._wanted:
                self.made = True
                return ast.copy_location(changed, node) if isinstance(node, ast.expr) else changed
        return self._inside_of(node)

    def _inside_of(self, node: ast.AST) -> ast.AST:
        match node:
            case ast.FunctionDef() if not self._in_function:
                return self._function(node)
            case ast.ClassDef():
                return self._class(node)
            case ast.arg():
                return node
            case ast.AnnAssign(value=ast.expr() as value):
                node.value = self._expression(value)
                return node
            case ast.Subscript(slice=ast.Tuple() | ast.List()):
                # In brackets stands a list of types.
                node.value = self._expression(node.value)
                return node
            case (
                ast.Return(value=ast.Tuple(elts=parts))
                | ast.Assign(targets=[ast.Tuple()], value=ast.Tuple(elts=parts))
            ):
                parts[:] = [self._expression(part) for part in parts]
                return node
        return self.generic_visit(node)

    def _expression(self, node: ast.expr) -> ast.expr:
        changed = self.visit(node)
        assert isinstance(changed, ast.expr)
        return changed

    def _class(self, node: ast.ClassDef) -> ast.ClassDef:
        outer, self._in_function = self._in_function, False
        self._inside.append(node.name)
        node.body = [self._statement(each) for each in node.body]
        self._inside.pop()
        self._in_function = outer
        return node

    def _function(self, node: ast.FunctionDef) -> ast.AST:
        node.args = self.generic_visit(node.args)  # type: ignore[assignment]
        self._inside.append(node.name)
        self._in_function = True
        node.body = [self._statement(each) for each in node.body]
        self._in_function = False
        self._inside.pop()
        return node

    def _statement(self, node: ast.stmt) -> ast.stmt:
        changed = self.visit(node)
        assert isinstance(changed, ast.stmt)
        return changed


def _is_left_out(node: ast.AST) -> bool:
    """Sentences, types, and what says nothing of what the shop does."""
    match node:
        case ast.FunctionDef(name="__str__" | "__repr__") | ast.JoinedStr():
            return True
        case ast.Import() | ast.ImportFrom() | ast.Expr(value=ast.Constant()):
            return True
        case ast.ClassDef(bases=bases):
            return any("Protocol" in ast.unparse(base) for base in bases)
        case ast.If(test=ast.Name(id="TYPE_CHECKING")):
            return True
        case ast.Assign(targets=[ast.Name(id=name)], value=ast.Call(func=ast.Name(id=made))):
            return made in {"TypeVar", "ParamSpec", "NewType"} or name == "__all__"
    return False


def _written(node: ast.AST) -> str:
    """The node on one line; of a statement with a body, its first line."""
    if isinstance(node, ast.match_case):
        return f"case {ast.unparse(node.pattern)}"
    if isinstance(node, ast.FunctionDef):
        marks = " ".join(f"@{ast.unparse(each)}" for each in node.decorator_list)
        return f"{marks} def {node.name}".strip()
    if isinstance(node, ast.Match):
        cases = ", ".join(ast.unparse(case.pattern) for case in node.cases)
        return f"match {ast.unparse(node.subject)}: {cases}"
    if isinstance(node, ast.comprehension):
        return ast.unparse(node).strip()
    lines = ast.unparse(node).splitlines()
    return lines[0] if isinstance(node, ast.If | ast.While) else " ".join(map(str.strip, lines))


def _difference(node: ast.AST, changed: ast.AST) -> str:
    """What is there instead; of a call with an argument less, the argument that is gone."""
    match node, changed:
        case ast.Call(keywords=before), ast.Call(keywords=after):
            [gone] = [each for each in before if each not in after]
            return f"without {gone.arg}"
        case ast.Set(elts=before) | ast.List(elts=before) | ast.Tuple(elts=before), _:
            [lost] = [each for each in before if each not in changed.elts]  # type: ignore[attr-defined]
            return f"without {ast.unparse(lost)}"
        case ast.Dict(keys=before), ast.Dict(keys=after):
            [missing] = [each for each in before if each not in after]
            return f"without {ast.unparse(missing)}" if missing else "without **"
    return _written(changed)


def _changes(node: ast.AST) -> Iterator[ast.AST]:
    for kind in (_conditions, _choices, _comparisons, _sums, _statements, _parts, _cases, _marks):
        yield from kind(node)


def _conditions(node: ast.AST) -> Iterator[ast.AST]:
    match node:
        case ast.If() | ast.IfExp():
            yield _with(node, test=ast.Constant(True))
            yield _with(node, test=ast.Constant(False))
        case ast.comprehension(ifs=[_, *_]):
            yield _with(node, ifs=[])
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            yield operand
        case ast.Constant(value=bool() as value):
            yield ast.Constant(not value)


def _choices(node: ast.AST) -> Iterator[ast.AST]:
    if isinstance(node, ast.BoolOp):
        yield _with(node, op=ast.Or() if isinstance(node.op, ast.And) else ast.And())
        for kept in _each_left_out(node.values):
            yield kept[0] if len(kept) == 1 else _with(node, values=kept)


def _comparisons(node: ast.AST) -> Iterator[ast.AST]:
    if isinstance(node, ast.Compare):
        for at, op in enumerate(node.ops):
            if type(op) in _COMPARISONS:
                ops = [*node.ops[:at], _COMPARISONS[type(op)](), *node.ops[at + 1 :]]
                yield _with(node, ops=ops)


def _sums(node: ast.AST) -> Iterator[ast.AST]:
    match node:
        case ast.BinOp(left=left, op=ast.BitOr(), right=right):
            yield left
            yield right
        case ast.BinOp(op=op) if type(op) in _ARITHMETIC:
            yield _with(node, op=_ARITHMETIC[type(op)]())
        case ast.Constant(value=int() as value) if not isinstance(value, bool):
            yield ast.Constant(value + 1)


def _statements(node: ast.AST) -> Iterator[ast.AST]:
    match node:
        case ast.Expr(value=ast.Call(func=func)) if _name(func) not in _NO_TRACE:
            yield ast.Pass()
        case ast.Raise() | ast.AugAssign():
            yield ast.Pass()
        case ast.Continue():
            yield ast.Break()
        case ast.Break():
            yield ast.Continue()


def _parts(node: ast.AST) -> Iterator[ast.AST]:
    match node:
        case ast.Call(keywords=keywords):
            for at, keyword in enumerate(keywords):
                if keyword.arg is not None:
                    yield _with(node, keywords=[*keywords[:at], *keywords[at + 1 :]])
        case ast.Set(elts=parts) | ast.List(elts=parts) | ast.Tuple(elts=parts):
            if isinstance(getattr(node, "ctx", ast.Load()), ast.Load) and len(parts) > 1:
                for kept in _each_left_out(parts):
                    yield _with(node, elts=kept)
        case ast.Dict(keys=keys, values=values) if len(keys) > 1:
            pairs = zip(_each_left_out(keys), _each_left_out(values), strict=True)
            for left_keys, left_values in pairs:
                yield _with(node, keys=left_keys, values=left_values)


def _cases(node: ast.AST) -> Iterator[ast.AST]:
    if isinstance(node, ast.Match) and len(node.cases) > 1:
        for at, case in enumerate(node.cases):
            if not isinstance(case.pattern, ast.MatchAs) or case.pattern.pattern is not None:
                yield _with(node, cases=[*node.cases[:at], *node.cases[at + 1 :]])


def _marks(node: ast.AST) -> Iterator[ast.AST]:
    if isinstance(node, ast.FunctionDef):
        marks = node.decorator_list
        for at, mark in enumerate(marks):
            if _name(mark) not in _PLAIN_DECORATORS:
                yield _with(node, decorator_list=[*marks[:at], *marks[at + 1 :]])


def _each_left_out(parts: list[_Part]) -> Iterator[list[_Part]]:
    for at in range(len(parts)):
        yield [*parts[:at], *parts[at + 1 :]]


def _name(node: ast.expr) -> str:
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
        case ast.Call(func=func):
            return _name(func)
        case _:
            return ""


def _with(node: ast.AST, **changed: object) -> ast.AST:
    """The node with other parts; what it shares with the first is not changed afterwards."""
    other = copy.copy(node)
    for name, value in changed.items():
        setattr(other, name, value)
    return other
