"""Mutants of a source: each with one small change that a test should notice."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

_COMPARISONS: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
}
_ARITHMETIC: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.FloorDiv,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.Add,
}


@dataclass(frozen=True)
class Mutant:
    """A changed source, and where and how it differs."""

    line: int
    change: str
    source: str


def mutants(source: str) -> Iterator[Mutant]:
    """Every mutant: operators, boolean words, numbers, conditions and returned values, one change at a time.

    Left out is what no test should notice: texts, annotations, and the words of errors.
    """
    count = sum(1 for _ in _places(ast.parse(source)))
    for index in range(count):
        tree = ast.parse(source)
        place = next(place for number, place in enumerate(_places(tree)) if number == index)
        place.make()
        yield Mutant(place.line, place.change, ast.unparse(ast.fix_missing_locations(tree)))


class _Place(NamedTuple):
    line: int
    change: str
    make: Callable[[], None]


def _places(tree: ast.Module) -> Iterator[_Place]:
    for node in _logic(tree):
        for change, field, value in _changes(node):
            yield _Place(getattr(node, "lineno", 0), change, partial(setattr, node, field, value))


def _logic(node: ast.AST) -> Iterator[ast.AST]:
    """What runs when the program does: no annotations, and nothing of what is raised."""
    yield node
    for name, value in ast.iter_fields(node):
        if name in ("annotation", "returns", "decorator_list") or isinstance(node, ast.Raise):
            continue
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.AST):
                yield from _logic(child)


def _changes(node: ast.AST) -> Iterator[tuple[str, str, object]]:
    """Of each change: its name, and which field of the node gets which value."""
    if isinstance(node, ast.Compare) and type(node.ops[0]) in _COMPARISONS:
        other = _COMPARISONS[type(node.ops[0])]
        yield f"{type(node.ops[0]).__name__} becomes {other.__name__}", "ops", [other(), *node.ops[1:]]
    elif isinstance(node, ast.BoolOp):
        swapped = ast.Or() if isinstance(node.op, ast.And) else ast.And()
        yield f"{type(node.op).__name__} becomes {type(swapped).__name__}", "op", swapped
    elif isinstance(node, ast.BinOp) and type(node.op) in _ARITHMETIC:
        operator = _ARITHMETIC[type(node.op)]
        yield f"{type(node.op).__name__} becomes {operator.__name__}", "op", operator()
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        yield "not is lost", "operand", ast.UnaryOp(ast.Not(), node.operand)
    elif isinstance(node, ast.Constant) and isinstance(node.value, bool):
        yield f"{node.value} becomes {not node.value}", "value", not node.value
    elif isinstance(node, ast.Constant) and isinstance(node.value, int):
        yield f"{node.value} becomes {node.value + 1}", "value", node.value + 1
    elif isinstance(node, ast.Return) and node.value is not None and not _is_none(node.value):
        yield "None is returned", "value", ast.Constant(None)


def _is_none(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and node.value is None
