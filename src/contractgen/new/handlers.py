"""Handlers to be written: a module a tag, with a typed, marked function for each operation.

Signatures are those of the Protocols that were generated, so they are read from the text of `operations.py`.
"""

import ast
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from contractgen.plan.contract import Contract, Tag
from contractgen.plan.names import prose

_TYPE_VARIABLES = {"ContextT_contra": "Context", "CallerT_contra": "Caller"}
_MARK = "stubs.unimplemented"
_NAMESPACES = ("models", "operations", "responses")


@dataclass(frozen=True, slots=True)
class Names:
    """The packages of a service: `service` is written by people, `generated` by contractgen."""

    service: str
    generated: str


class Handlers:
    """The signatures of a generated package, as its service writes them."""

    def __init__(self, operations: str, names: Names) -> None:
        module = ast.parse(operations)
        classes = [node for node in module.body if isinstance(node, ast.ClassDef)]
        self._protocols = {
            node.name: {each.name: each for each in node.body if isinstance(each, ast.AsyncFunctionDef)}
            for node in classes
        }
        self._qualified = {node.name for node in classes}
        #: The statement that imports each name that a signature may have.
        self.imports = {
            # By its module: of a name that is imported mypy reports the import only, not its uses.
            "stubs": "from contractgen_runtime import stubs",
            **{each: f"from {names.generated} import {each}" for each in _NAMESPACES},
            **{each: f"from {names.service}.context import {each}" for each in ("Caller", "Context")},
        }
        for node in module.body:
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("contractgen_runtime"):
                self._qualified |= {alias.asname or alias.name for alias in node.names}
            elif isinstance(node, ast.Import | ast.ImportFrom) and not getattr(node, "level", 0):
                self.imports |= dict(_statements(node))

    def cover(self, contract: Contract) -> bool:
        """Return whether the package has every operation of a contract."""
        return all(
            operation.handler in self._protocols.get(tag.class_name, ())
            for tag in contract.tags
            for operation in tag.operations
        )

    def module(self, tag: Tag) -> str:
        """Return the module of a tag."""
        functions = [self.function(tag, operation.handler) for operation in tag.operations]
        imports = "\n".join(self.imports_of("\n".join(functions)))
        body = "\n\n".join(functions)
        return f'"""{prose(tag.description or tag.name)}"""\n\n{imports}\n\n\n{body}'

    def imports_of(self, functions: str, known: Collection[str] = ()) -> list[str]:
        """Return the imports that functions need beside the names that are known already."""
        used = {node.id for node in ast.walk(ast.parse(functions)) if isinstance(node, ast.Name)}
        return [statement for name, statement in self.imports.items() if name in used - set(known)]

    def function(self, tag: Tag, handler: str) -> str:
        """Return the function of an operation, marked as unimplemented."""
        wanted = self._protocols[tag.class_name][handler]
        summary = ast.get_docstring(wanted) or handler
        body = f'    """{prose(summary)}"""\n    raise NotImplementedError'
        return f"@{_MARK}\n{self.signature(tag, handler)}:\n{body}\n"

    def signature(self, tag: Tag, handler: str) -> str:
        """Return `async def get_pet(context: Context, /, *, pet_id: int) -> responses.GetPet200`."""
        wanted = self._protocols[tag.class_name][handler]
        made = _Rewritten(self._qualified).visit(ast.parse(ast.unparse(wanted)).body[0])
        made.args.posonlyargs = [each for each in made.args.posonlyargs if each.arg != "self"]
        made.body = [ast.Pass()]
        return ast.unparse(made).rpartition(":\n")[0]


def _statements(node: ast.Import | ast.ImportFrom) -> Iterator[tuple[str, str]]:
    """Yield the names that a statement imports, each with a statement of its own."""
    for alias in node.names:
        one = (
            ast.ImportFrom(node.module, [alias], 0)
            if isinstance(node, ast.ImportFrom)
            else ast.Import([alias])
        )
        yield alias.asname or alias.name, ast.unparse(one)


class _Rewritten(ast.NodeTransformer):
    """Names as a module of the service writes them."""

    def __init__(self, qualified: Collection[str]) -> None:
        self._qualified = qualified

    def visit_Name(self, node: ast.Name) -> ast.expr:
        if node.id in self._qualified:
            return ast.Attribute(ast.Name("operations"), node.id)
        return ast.Name(_TYPE_VARIABLES.get(node.id, node.id))
