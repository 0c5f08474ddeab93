"""The small faults that `mutation.py` puts into the code, one at a time, and a sample of them.

Operators are Cosmic Ray's (numbers by one, comparisons, arithmetic, conditions, loops, decorators)
and two more: a name for its opposite (`min` for `max`, `train` for `valid`), and a keyword argument
left out. What no test of behaviour can know is not changed: type annotations, assertions
(`strict` and `frozen` among them), English text, and numbers that are somebody's choice, which are
constants outside functions and defaults of parameters.
"""

from __future__ import annotations

import ast
import difflib
import hashlib
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from cosmic_ray import plugins
from cosmic_ray.ast import ast_nodes, get_ast
from cosmic_ray.mutating import mutate_code
from cosmic_ray.operators.operator import Operator

PACKAGES = ("insight", "data", "findings", "tasks", "training", "estimators")

CHANGES = (
    *("Add_Sub", "Sub_Add", "Mul_Div", "Div_Mul", "FloorDiv_Mul", "Mod_FloorDiv", "Pow_Mul"),
    *("BitOr_BitAnd", "BitAnd_BitOr", "LShift_RShift", "RShift_LShift"),
)
COMPARISONS = (
    *("Eq_NotEq", "NotEq_Eq", "Lt_LtE", "Lt_GtE", "LtE_Lt", "LtE_Gt", "Gt_GtE", "Gt_LtE"),
    *("GtE_Gt", "GtE_Lt", "Is_IsNot", "IsNot_Is"),
)
COSMIC_RAY = (
    *(f"core/ReplaceBinaryOperator_{change}" for change in CHANGES),
    *(f"core/ReplaceComparisonOperator_{change}" for change in COMPARISONS),
    *(f"core/ReplaceUnaryOperator_Delete_{kind}" for kind in ("Not", "USub", "Invert")),
    *("core/AddNot", "core/ReplaceTrueWithFalse", "core/ReplaceFalseWithTrue"),
    *("core/ReplaceAndWithOr", "core/ReplaceOrWithAnd", "core/ReplaceBreakWithContinue"),
    *("core/ReplaceContinueWithBreak", "core/NumberReplacer", "core/RemoveDecorator"),
    *("core/ZeroIterationForLoop", "core/ExceptionReplacer"),
)

OPPOSITES = {
    name: opposite
    for pair in (
        *(("min", "max"), ("argmin", "argmax"), ("minimum", "maximum"), ("floor", "ceil")),
        *(("any", "all"), ("low", "high"), ("zeros", "ones"), ("mean", "sum")),
        *(("zeros_like", "ones_like"), ("train", "valid"), ("valid", "test")),
    )
    for name, opposite in (pair, pair[::-1])
}


NOT_LEFT_OUT = {
    *("strict", "title", "summary", "label", "x_label", "y_label", "row_label", "column_label"),
    *("unit", "note", "description", "caption", "captions", "section", "phrase", "short_label"),
}
"""Arguments that check the program itself, or are words for the page."""


FUNCTIONS = ("min", "max", "any", "all")


class OppositeName(Operator):
    """An attribute or a function that is called, for its opposite."""

    def mutation_positions(self, node: Any) -> Iterator[tuple[Any, Any]]:
        if node.type == "name" and node.value in OPPOSITES:
            before, after = node.get_previous_leaf(), node.get_next_leaf()
            function = after and after.value == "(" and node.value in FUNCTIONS
            if (before and before.value == ".") or function:
                yield node.start_pos, node.end_pos

    def mutate(self, node: Any, index: int) -> Any:
        node.value = OPPOSITES[node.value]
        return node

    @classmethod
    def examples(cls) -> tuple[()]:
        return ()


class LeftOutArgument(Operator):
    """A call without one of its keyword arguments."""

    def mutation_positions(self, node: Any) -> list[tuple[Any, Any]]:
        children = [node.children[place] for place in self._places(node)]
        return [(child.start_pos, child.end_pos) for child in children]

    def mutate(self, node: Any, index: int) -> Any:
        place = self._places(node)[index]
        del node.children[max(0, place - 1) : place + 1 if place else place + 2]
        return node

    def _places(self, node: Any) -> list[int]:
        if node.type != "arglist":
            return []
        return [
            place
            for place, child in enumerate(node.children)
            if child.type == "argument"
            and child.children[1] == "="
            and child.children[0].value not in NOT_LEFT_OUT
        ]

    @classmethod
    def examples(cls) -> tuple[()]:
        return ()


@dataclass(frozen=True)
class Mutant:
    """One fault: the file under src/glassnet, its line, and the changed lines before and after."""

    file: str
    line: int
    operator: str
    occurrence: int
    before: str
    after: str

    @property
    def key(self) -> tuple[str, str, str]:
        """What stays if other lines of the file change."""
        return self.file, self.before, self.after

    def code(self, source: Path) -> str:
        """The text of the whole file with the fault."""
        text = (source / self.file).read_text(encoding="utf-8")
        return str(mutate_code(text, operators()[self.operator], self.occurrence))


@cache
def operators() -> dict[str, Operator]:
    """Name -> operator."""
    found = {name.split("/")[1]: plugins.get_operator(name)() for name in COSMIC_RAY}
    return found | {"OppositeName": OppositeName(), "LeftOutArgument": LeftOutArgument()}


def sample(source: Path, size: int, seed: int) -> list[Mutant]:
    """Draw faults, one per line of code, each package by the number of its lines.

    A change elsewhere in the code leaves the choice as it is.

    Args:
        source: the folder src/glassnet.
        size: number of faults.
        seed: determines the choice.
    """
    chosen: list[Mutant] = []
    by_package = {
        package: [
            place for path in sorted((source / package).rglob("*.py")) for place in _places(path)
        ]
        for package in PACKAGES
    }
    n_lines = sum(map(len, by_package.values()))
    for lines in by_package.values():
        share = round(size * len(lines) / n_lines)
        chosen += _draw(source, lines, share, seed)
    return chosen


Place = tuple[Path, int, list[tuple[str, int]]]
"""A file, a line, and the faults that can be put there: operator and occurrence."""


def _draw(source: Path, lines: list[Place], size: int, seed: int) -> list[Mutant]:
    """Take lines by a random number of their text, and of each line one fault that compiles."""

    def rank(path: Path, line: int, *more: object) -> bytes:
        file = path.relative_to(source).as_posix()
        text = _text(path).splitlines()[line - 1].strip()
        return hashlib.sha256(repr((seed, file, text, *more)).encode()).digest()

    drawn: dict[tuple[str, str, str], Mutant] = {}
    for path, line, faults in sorted(lines, key=lambda place: rank(*place[:2])):
        if len(drawn) == size:
            break
        order = sorted(range(len(faults)), key=lambda k: rank(path, line, faults[k][0], k))
        mutant = next(filter(None, (_mutant(source, path, line, *faults[k]) for k in order)), None)
        if mutant:
            drawn[mutant.key] = mutant
    return list(drawn.values())


@cache
def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def _places(path: Path) -> list[Place]:
    text = _text(path)
    tree, nodes = ast.parse(text), list(ast_nodes(get_ast(text)))
    frozen, in_functions = _frozen(tree), _spans(tree, ast.FunctionDef)
    arithmetic = _spans(tree, ast.BinOp) + _spans(tree, ast.AugAssign)
    by_line = defaultdict(list)
    for name, operator in operators().items():
        positions = [start for node in nodes for start, _ in operator.mutation_positions(node)]
        for occurrence, start in enumerate(positions):
            choice = name in CHOSEN and not _within(start, in_functions)
            star = "Binary" in name and not _within(start, arithmetic)  # of *args
            if not (choice or star or _within(start, frozen)):
                by_line[start[0]].append((name, occurrence))
    return [(path, line, faults) for line, faults in sorted(by_line.items())]


Span = tuple[tuple[int, int], tuple[int, int]]

CHOSEN = ("NumberReplacer", "LeftOutArgument")
"""Operators that change what is a choice where it stands outside functions."""


def _within(start: tuple[int, int], spans: list[Span]) -> bool:
    return any(first <= start < last for first, last in spans)


def _frozen(tree: ast.Module) -> list[Span]:
    """Annotations, assertions, and the defaults of parameters."""
    nodes: list[ast.AST | None] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            arguments = node.args
            everything = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
            nodes += [node.returns, *(one.annotation for one in everything)]
            nodes += [*arguments.defaults, *arguments.kw_defaults]
        elif isinstance(node, ast.AnnAssign):
            nodes.append(node.annotation)
        elif isinstance(node, ast.Assert) or getattr(node, "arg", "") in ("strict", "frozen"):
            nodes.append(node)
    return [_span(node) for node in nodes if node]


def _spans(tree: ast.Module, kind: type[ast.AST]) -> list[Span]:
    return [_span(node) for node in ast.walk(tree) if isinstance(node, kind)]


def _span(node: Any) -> Span:
    return (node.lineno, node.col_offset), (node.end_lineno, node.end_col_offset)


def _mutant(source: Path, path: Path, line: int, operator: str, occurrence: int) -> Mutant | None:
    text = _text(path)
    code = mutate_code(text, operators()[operator], occurrence)
    try:
        ast.parse(code or "")
    except SyntaxError:
        return None
    changed = [
        row
        for row in difflib.unified_diff(text.splitlines(), str(code).splitlines(), n=0)
        if row[:1] in "-+" and row[:3] not in ("---", "+++")
    ]
    before, after = (
        " / ".join(row[1:].strip() for row in changed if row[0] == sign) for sign in "-+"
    )
    return Mutant(path.relative_to(source).as_posix(), line, operator, occurrence, before, after)
