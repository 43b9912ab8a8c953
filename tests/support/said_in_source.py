"""What the sources say and refuse: for each place that names a message, the facts that it passes, read and not run.

Facts that are put together on the way (``facts |= …``, a helper's ``return {…}``) are followed through assignments, unions,
conditional expressions and calls; where there are several ways, each is one answer.
"""

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import product

from tests.support.paths import ROOT

Keys = frozenset[str]
ROOMS = ("bot", "handlers", "runbooks", "data")


@dataclass(frozen=True, slots=True)
class Way:
    """How a function takes a message: which argument names it, which keywords are its own, which facts it adds itself.

    ``mapping``: the argument that holds the facts, where they are not keywords.
    """

    place: int
    own: Keys = frozenset()
    adds: Keys = frozenset()
    mapping: int | None = None


@dataclass(frozen=True, slots=True)
class Said:
    """One place; ``facts`` is None where reading does not tell them."""

    where: str
    message: str
    facts: Keys | None


@cache
def trees() -> dict[str, ast.Module]:
    """Every module of the product, by its path."""
    found = [path for room in ROOMS for path in sorted((ROOT / room).rglob("*.py"))]
    return {str(path.relative_to(ROOT)): ast.parse(path.read_text("utf-8")) for path in found}


Sources = Mapping[str, ast.Module]


def said(ways: Mapping[str, Way], messages: Keys, sources: Sources) -> Iterator[Said]:
    """Every call of ``ways`` that names one of ``messages`` by a word or by a choice between words; and every pair of a
    message and its facts that a function returns for another one to say."""
    for path, tree in sources.items():
        for function in _functions(tree):
            for node in ast.walk(function):
                for message, facts in _told(node, ways, messages, Scope(path, function, sources)):
                    yield Said(f"{path}:{getattr(node, 'lineno', 0)}", message, facts)


@dataclass(frozen=True, slots=True)
class Scope:
    """The function around a place, and how many calls it was reached by."""

    path: str
    function: ast.FunctionDef | ast.AsyncFunctionDef
    sources: Sources
    depth: int = 0


def _told(node: ast.AST, ways: Mapping[str, Way], messages: Keys, scope: Scope) -> Iterator[tuple[str, Keys | None]]:
    match node:
        case ast.Tuple(elts=[ast.Constant(value=str(message)), ast.Dict() as facts]) if message in messages:
            yield from ((message, keys) for keys in _keys(facts, node, scope))
        case ast.Call() if (way := ways.get(_name(node))) and len(node.args) > way.place:
            for message in _words(node.args[way.place], messages):
                yield from ((message, keys) for keys in _passed(node, way, scope))


def _functions(tree: ast.Module) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """The outermost functions and methods; what is defined within one belongs to it."""
    for node in tree.body:
        inner = node.body if isinstance(node, ast.ClassDef) else [node]
        yield from (found for found in inner if isinstance(found, ast.FunctionDef | ast.AsyncFunctionDef))


def _name(call: ast.Call) -> str:
    return call.func.id if isinstance(call.func, ast.Name) else getattr(call.func, "attr", "")


def _words(node: ast.expr, messages: Keys) -> set[str]:
    words = {leaf.value for leaf in ast.walk(node) if isinstance(leaf, ast.Constant) and isinstance(leaf.value, str)}
    return words & messages


def _passed(call: ast.Call, way: Way, scope: Scope) -> set[Keys | None]:
    if way.mapping is not None:
        return _keys(call.args[way.mapping], call, scope) if len(call.args) > way.mapping else {None}
    named: set[Keys | None] = {frozenset(keyword.arg for keyword in call.keywords if keyword.arg)}
    stars = [_keys(keyword.value, call, scope) for keyword in call.keywords if keyword.arg is None]
    return {None if keys is None else keys - way.own | way.adds for keys in _joined([named, *stars])}


def _keys(node: ast.expr, at: ast.AST, scope: Scope) -> set[Keys | None]:
    """The sets of keys that a mapping may have at a place; None among them where reading does not tell."""
    match node:
        case ast.Dict(keys=keys, values=values):
            own = frozenset(key.value for key in keys if isinstance(key, ast.Constant) and isinstance(key.value, str))
            spread = [_keys(v, at, scope) for k, v in zip(keys, values, strict=True) if k is None]
            return _joined([{own}, *spread])
        case ast.BinOp(op=ast.BitOr(), left=left, right=right):
            return _joined([_keys(left, at, scope), _keys(right, at, scope)])
        case ast.IfExp(body=body, orelse=orelse):
            return _keys(body, at, scope) | _keys(orelse, at, scope)
        case ast.Name(id=name) if scope.function.args.kwarg and scope.function.args.kwarg.arg == name:
            return _added(_given(scope), name, at, scope)
        case ast.Name(id=name):
            return _added(set(), name, at, scope)
        case ast.Call() if scope.depth < 4:
            return _returned(_name(node), scope)
    return {None}


def _joined(parts: list[set[Keys | None]]) -> set[Keys | None]:
    found: set[Keys | None] = set()
    for combination in product(*parts):
        known = [keys for keys in combination if keys is not None]
        found.add(frozenset[str]().union(*known) if len(known) == len(combination) else None)
    return found


def _added(found: set[Keys | None], name: str, at: ast.AST, scope: Scope) -> set[Keys | None]:
    """What a local name holds at a place: what was assigned before it, with what was added, always or in a branch."""
    for node in ast.walk(scope.function):
        if getattr(node, "lineno", 0) >= getattr(at, "lineno", 0):
            continue
        match node:
            case ast.Assign(targets=[ast.Name(id=target)], value=value) if target == name:
                found = found | _keys(value, node, scope)
            case ast.AnnAssign(target=ast.Name(id=target), value=ast.expr() as value) if target == name:
                found = found | _keys(value, node, scope)
            case ast.AugAssign(target=ast.Name(id=target), op=ast.BitOr(), value=value) if target == name:
                found = _with(found, _keys(value, node, scope), node, at, scope)
            case ast.Assign(targets=[ast.Subscript(value=ast.Name(id=target), slice=ast.Constant(value=str(key)))]) if (
                target == name
            ):
                found = _with(found, {frozenset({key})}, node, at, scope)
    return found or {None}


def _with(
    found: set[Keys | None], more: set[Keys | None], node: ast.AST, at: ast.AST, scope: Scope
) -> set[Keys | None]:
    """Added for certain where every way to the place leads by it; not at all where its branch ends before."""
    branches = [branch for branch in _branches(scope.function) if node in branch]
    inmost = min(branches, key=len, default=[])
    if not inmost or any(at is inner for step in inmost for inner in ast.walk(step)):
        return _joined([found, more])
    if isinstance(inmost[-1], ast.Return | ast.Raise | ast.Continue):
        return found
    return found | _joined([found, more])


def _branches(function: ast.AST) -> Iterator[list[ast.stmt]]:
    for node in ast.walk(function):
        if isinstance(node, ast.If | ast.For):
            yield node.body
            yield node.orelse


def _given(scope: Scope) -> set[Keys | None]:
    """The keywords that the callers of a function pass into its ``**facts``."""
    own = {arg.arg for arg in (*scope.function.args.args, *scope.function.args.kwonlyargs)}
    found: set[Keys | None] = set()
    for path, tree in scope.sources.items():
        for function in _functions(tree):
            for call in ast.walk(function):
                if isinstance(call, ast.Call) and _name(call) == scope.function.name and scope.depth < 4:
                    way = Way(0, frozenset(own))
                    found |= _passed(call, way, Scope(path, function, scope.sources, scope.depth + 1))
    return found


def _returned(name: str, scope: Scope) -> set[Keys | None]:
    """What a function of that name returns, in this module or else in another of the product."""
    own = [(scope.path, function) for function in _functions(scope.sources[scope.path]) if function.name == name]
    others = [
        (path, function)
        for path, tree in scope.sources.items()
        for function in _functions(tree)
        if function.name == name
    ]
    found: set[Keys | None] = set()
    for path, function in own or others:
        inner = Scope(path, function, scope.sources, scope.depth + 1)
        for node in ast.walk(function):
            if isinstance(node, ast.Return) and node.value is not None:
                found |= _keys(node.value, node, inner)
    return found or {None}
