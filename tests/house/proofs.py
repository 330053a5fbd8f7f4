"""Which assertions of a test can fail because of the product: a gutted test has none."""

import ast
from collections.abc import Iterable, Iterator
from functools import cache

from tests.house.project import Function

#: Imports that lead to the product: its packages, what tests share, other processes, and what they take.
_PRODUCT = (
    *("contractgen", "contractgen_runtime", "load", "pressroom", "pressroom_api"),
    *("subprocess", "tests", "time"),
)
#: Fixtures of pytest that hold nothing of the product.
_EMPTY_FIXTURES = {"request", "tmp_path", "tmp_path_factory"}
_BROAD = {"BaseException", "Exception"}
_OPAQUE = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.ClassDef


class ModuleOfTests:
    """The tests of a module, and what their names stand for."""

    def __init__(self, module: ast.Module) -> None:
        self.functions = {node.name: node for node in module.body if isinstance(node, Function)}
        self._product = set(_imported(module))
        self._product |= _reaching(module, self._product)

    def faults(self, name: str) -> list[str]:
        """Return why a test proves nothing; an empty list when it proves something."""
        test = self.functions[name]
        faults = [f"{each} ends it early" for each in _skips(test)]
        if not any(self._proofs(test, self._roots(test), set())):
            faults.append("no assertion depends on the product")
        return faults

    def _roots(self, test: Function) -> set[str]:
        arguments = {each.arg for each in [*test.args.args, *test.args.kwonlyargs]}
        return self._product | (arguments - _parametrized(test, self._product) - _EMPTY_FIXTURES)

    def _proofs(self, function: Function, roots: set[str], seen: set[str]) -> Iterator[ast.AST]:
        names = _derived(function, roots)
        for node in _executed(function.body, _filled_names(function)):
            if (isinstance(node, ast.Assert) and _can_fail(node.test, names)) or (
                isinstance(node, ast.With | ast.AsyncWith) and _expects_failure(node, names)
            ):
                yield node
            elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                helper = self.functions.get(node.func.id)
                if helper is not None and helper.name not in seen:
                    arguments = {each.arg for each in helper.args.args} if _uses(node, names) else set()
                    yield from self._proofs(helper, self._product | arguments, seen | {helper.name})


def _imported(module: ast.Module) -> Iterator[str]:
    for node in module.body:
        if isinstance(node, ast.ImportFrom) and str(node.module).partition(".")[0] in _PRODUCT:
            yield from (alias.asname or alias.name for alias in node.names)
        elif isinstance(node, ast.Import):
            for alias in node.names:
                name = (alias.asname or alias.name).partition(".")[0]
                if alias.name.partition(".")[0] in _PRODUCT:
                    yield name


def _reaching(module: ast.Module, product: set[str]) -> set[str]:
    """The functions, classes and values of a module that use the product, themselves or by others."""
    found: set[str] = set()
    while True:
        more = {
            name for node in module.body if _uses(node, product | found) for name in _defined(node)
        } - found
        if not more:
            return found
        found |= more


def _defined(node: ast.stmt) -> list[str]:
    match node:
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
            return [name]
        case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)):
            return [name]
    return []


def _parametrized(test: Function, product: set[str]) -> set[str]:
    """The arguments that are data of the test itself, and nothing of the product."""
    names = (
        name
        for decorator in test.decorator_list
        if isinstance(decorator, ast.Call) and ast.unparse(decorator.func) == "pytest.mark.parametrize"
        if not _uses(decorator.args[1], product)
        for each in ast.walk(decorator.args[0])
        if isinstance(each, ast.Constant)
        for name in str(each.value).split(",")
    )
    return {name.strip() for name in names}


def _skips(test: Function) -> Iterator[str]:
    for decorator in test.decorator_list:
        text = ast.unparse(decorator)
        if text.startswith(("pytest.mark.skip(", "pytest.mark.xfail")) or text == "pytest.mark.skip":
            yield text
    for node in ast.walk(test):
        if isinstance(node, ast.Call) and ast.unparse(node.func) in {"pytest.skip", "pytest.xfail"}:
            yield ast.unparse(node)


def _executed(body: Iterable[ast.stmt], filled: frozenset[str]) -> Iterator[ast.AST]:
    """Every node that a body executes for certain and whose failure is not caught.

    A loop counts when what it is over cannot be empty, a branch when the other one ends the test.
    """
    for statement in body:
        if isinstance(statement, _OPAQUE):
            continue
        yield statement
        yield from _expressions(statement)
        match statement:
            case ast.Return() | ast.Raise():
                return
            case ast.For(iter=iterated) | ast.AsyncFor(iter=iterated):
                blocks = [statement.body] if _is_filled(iterated, filled) else []
            case ast.While(test=test):
                blocks = [statement.body] if isinstance(test, ast.Constant) and test.value else []
            case ast.If(body=then, orelse=other):
                blocks = [then, other] if other or isinstance(then[-1], ast.Return) else []
            case ast.Try(handlers=handlers):
                swallowed = any(_catches_assertions(handler) for handler in handlers)
                blocks = [statement.finalbody] if swallowed else [statement.body, statement.finalbody]
            case ast.With(items=items) | ast.AsyncWith(items=items):
                blocks = [] if any("suppress" in ast.unparse(item) for item in items) else [statement.body]
            case _:
                blocks = []
        for block in blocks:
            yield from _executed(block, filled)


def _catches_assertions(handler: ast.ExceptHandler) -> bool:
    return handler.type is None or not {"AssertionError", *_BROAD}.isdisjoint(
        node.id for node in ast.walk(handler.type) if isinstance(node, ast.Name)
    )


def _expressions(statement: ast.stmt) -> Iterator[ast.AST]:
    """The expressions of a statement, without its blocks."""
    for child in ast.iter_child_nodes(statement):
        if isinstance(child, ast.expr | ast.withitem):
            yield from ast.walk(child)


def _filled_names(function: Function) -> frozenset[str]:
    """The variables that hold a literal with something in it."""
    return frozenset(
        target.id
        for target, value in _bindings(function)
        if isinstance(target, ast.Name) and isinstance(value, ast.expr) and _is_filled(value, frozenset())
    )


def _is_filled(iterated: ast.expr, filled: frozenset[str]) -> bool:
    """Return whether a loop over it runs at least once, as far as can be read: a literal, or a constant."""
    match iterated:
        case ast.List() | ast.Tuple() | ast.Set() | ast.Dict() | ast.Constant(value=str()):
            return ast.unparse(iterated) not in {"[]", "()", "set()", "{}", "''"}
        case ast.Name(id=name):
            return name.isupper() or name in filled
        case ast.Call(func=ast.Attribute(value=value, attr="items" | "values" | "keys")):
            return _is_filled(value, filled)
        case ast.Call(
            func=ast.Name(id="range" | "enumerate" | "sorted" | "zip" | "reversed"), args=arguments
        ):
            return any(isinstance(each, ast.Constant) or _is_filled(each, filled) for each in arguments)
        case ast.BinOp(left=left, right=right):
            return _is_filled(left, filled) or _is_filled(right, filled)
    return False


def _derived(function: Function, roots: set[str]) -> set[str]:
    """The roots, and every name that is bound to what comes from them."""
    names, bindings = set(roots), list(_bindings(function))
    while True:
        more = {name for bound, source in bindings if _uses(source, names) for name in _names(bound)}
        if more <= names:
            return names
        names |= more


def _bindings(function: Function) -> Iterator[tuple[ast.AST, ast.AST]]:
    """Pairs of what receives a value and what the value comes from."""
    for node in ast.walk(function):
        match node:
            case ast.Assign(targets=targets, value=value):
                yield from ((target, value) for target in targets)
            case ast.AnnAssign(target=target, value=ast.expr() as value):
                yield target, value
            case ast.NamedExpr(target=target, value=value) | ast.AugAssign(target=target, value=value):
                yield target, value
            case ast.For() | ast.AsyncFor() | ast.comprehension():
                yield node.target, node.iter
            case ast.withitem(context_expr=value, optional_vars=ast.expr() as target):
                yield target, value
        if node is not function:
            yield from _handed_over(node)


def _handed_over(node: ast.AST) -> Iterator[tuple[ast.AST, ast.AST]]:
    """Pairs of what the product can fill, as its callee or its argument, and the product's part."""
    match node:
        case ast.Call(func=called, args=arguments, keywords=keywords):
            for each in [*arguments, *(keyword.value for keyword in keywords)]:
                yield each, node
                if isinstance(called, ast.Attribute):
                    yield called.value, each
        case ast.Assign(targets=[ast.Attribute(value=owner)], value=value):
            yield value, owner
        case ast.withitem(context_expr=value, optional_vars=ast.expr() as target):
            yield value, target
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
            # A function of the test's own, called by the product, fills what the test looks at.
            yield ast.Name(name), node
            yield ast.Module(node.body, []), ast.Name(name)


def _uses(node: ast.AST, names: set[str]) -> bool:
    return not names.isdisjoint(_names(node))


@cache
def _names(node: ast.AST) -> frozenset[str]:
    return frozenset(each.id for each in ast.walk(node) if isinstance(each, ast.Name))


def _can_fail(test: ast.expr, names: set[str]) -> bool:
    match test:
        case ast.Constant():
            return False
        case ast.BoolOp(op=ast.Or(), values=values):
            return all(_can_fail(value, names) for value in values)
        case ast.BoolOp(op=ast.And(), values=values):
            return any(_can_fail(value, names) for value in values)
        case ast.Compare(left=left, comparators=[right]) if ast.dump(left) == ast.dump(right):
            return False
    return _uses(test, names)


def _expects_failure(node: ast.With | ast.AsyncWith, names: set[str]) -> bool:
    """`pytest.raises` of a certain exception, around something of the product."""
    for item in node.items:
        call = item.context_expr
        if isinstance(call, ast.Call) and ast.unparse(call.func) in {"pytest.raises", "pytest.warns"}:
            expected = ast.unparse(call.args[0])
            return expected not in _BROAD and any(_uses(statement, names) for statement in node.body)
    return False
