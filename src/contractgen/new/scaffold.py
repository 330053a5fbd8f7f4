"""The files of a new service, as text by path: what people edit, and what makes it run, test and ship."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from glob import escape
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from contractgen import __version__
from contractgen.new.handlers import Handlers, Names
from contractgen.new.host import OwnErrors, own_errors, roles_of, scheme_sources
from contractgen.new.tables import drafts
from contractgen.plan.contract import Contract
from contractgen.plan.names import prose
from contractgen.plan.security import SCHEMES
from contractgen.render.runtime import AT_LEAST, BELOW
from contractgen_runtime.pointers import child
from contractgen_runtime.testing.credentials import Credentials

_TEMPLATES = Path(__file__).with_name("templates")
#: Template -> path; `{service}` is the service's package.
_FILES = {
    "Makefile": "Makefile",
    "Dockerfile": "Dockerfile",
    "README.md": "README.md",
    "pyproject.toml": "pyproject.toml",
    "gitignore": ".gitignore",
    "dockerignore": ".dockerignore",
    "env.example": ".env.example",
    "workflows/ci.yml": ".github/workflows/ci.yml",
    "load/locustfile.py": "load/locustfile.py",
    "tests/conftest.py": "tests/conftest.py",
    "tests/test_contract.py": "tests/test_contract.py",
    "service/init.py": "{service}/__init__.py",
    "service/main_command.py": "{service}/__main__.py",
    "service/main.py": "{service}/main.py",
    "service/settings.py": "{service}/settings.py",
    "service/host.py": "{service}/host.py",
    "service/context.py": "{service}/context.py",
    "service/handlers_init.py": "{service}/handlers/__init__.py",
}
#: The same, for a service with a database.
_DATABASE_FILES = {
    "database/tables.py": "{service}/tables.py",
    "database/migrations_init.py": "{service}/migrations/__init__.py",
    "database/env.py": "{service}/migrations/env.py",
    "database/script.py.mako": "{service}/migrations/script.py.mako",
    "database/first.py": "{service}/migrations/versions/0001_first.py",
    "database/test_tables.py": "tests/test_tables.py",
}


@dataclass(frozen=True, slots=True)
class Project:
    """A new service: its packages, the path of its contract, and the operations that are left out of it.

    `database` says whether it has one.
    """

    names: Names
    spec: str
    skipped: tuple[str, ...]
    database: bool


def scaffold(
    project: Project, contract: Contract, package: Any, operations: str, examples: bytes
) -> dict[str, str]:
    """Return the files of a service; `operations` is the text of the generated module of that name."""
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        undefined=StrictUndefined,
        autoescape=False,  # noqa: S701 - the templates write Python and settings, not HTML
    )
    environment.filters |= {"prose": prose, "toml": _toml}
    values = _values(project, contract, own_errors(contract, package))
    left_out = [f"{escape(each)} *" for each in project.skipped]
    values["unseen"] = [*left_out, *_unseen(contract, json.loads(examples))]
    service = project.names.service
    files = {
        path.format(service=service): environment.get_template(f"{template}.jinja").render(values)
        for template, path in (_FILES | (_DATABASE_FILES if project.database else {})).items()
    }
    return files | dict(handler_modules(project.names, contract, operations))


def _unseen(contract: Contract, examples: dict[str, Any]) -> Iterator[str]:
    """Yield the responses of which the tests of a new service see none, as `operation status`."""
    known = {each.scheme.name: each.credential for each in scheme_sources(contract) if each.credential}
    schemes = {name: contract.document.resolve(child(SCHEMES, name))[0] for name in known}
    able = Credentials(schemes, known)
    for operation in contract.operations:
        written = contract.document.at(operation.pointer).get("operationId")
        name = escape(written or f"{operation.method} {operation.path}")
        is_open = not operation.security or any(
            able.can_meet([scheme for scheme, _ in requirement]) for requirement in operation.security
        )
        if not is_open or examples["operations"][operation.operation_id]["request"] is None:
            yield f"{name} *"
            continue
        for response in operation.responses:
            if not examples["responses"][response.class_name]:
                yield f"{name} {response.key}"


def _toml(text: str) -> str:
    """Return a text as a basic string of TOML, which has the escapes of JSON but for surrogates."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def handler_modules(names: Names, contract: Contract, operations: str) -> Iterator[tuple[str, str]]:
    """Yield the path and the text of the module of each tag."""
    handlers = Handlers(operations, names)
    for tag in contract.tags:
        yield f"{names.service}/handlers/{tag.module}.py", handlers.module(tag)


def _values(project: Project, contract: Contract, errors: OwnErrors) -> dict[str, Any]:
    schemes = scheme_sources(contract)
    means = {each.means for each in schemes}
    required = [*(["jwks_url", "token_issuer", "token_audience"] if "issuer" in means else [])]
    joined = f"{project.names.generated}/_contract.yaml"
    required += ["accounts"] if "accounts" in means else []
    description = contract.document.value["info"].get("description", "") or contract.title
    return {
        "service": project.names.service,
        "generated": project.names.generated,
        "prefix": project.names.service.upper(),
        "spec": project.spec,
        "skipped": project.skipped,
        "checked": project.spec if len(contract.document.files) == 1 else joined,
        "database": project.database,
        "drafts": list(drafts(contract)) if project.database else [],
        "title": contract.title,
        "description": prose(description.strip().splitlines()[0] if description.strip() else contract.title),
        "version": __version__,
        "runtime": (AT_LEAST, BELOW),
        "base_path": contract.base_path.rstrip("/").replace("$", "$$"),
        "tags": contract.tags,
        "schemes": schemes,
        "methods": [each.method for each in schemes],
        "roles": roles_of(contract),
        "credentials": {each.scheme.name: each.credential for each in schemes if each.credential},
        "has_tokens": "token" in means,
        "has_issuer": "issuer" in means,
        "has_accounts": "accounts" in means,
        "needs_login": any("_login_of" in each.credential for each in schemes),
        "has_callers": bool(schemes),
        "required": required,
        "own_errors": contract.own_errors,
        "error_bodies": errors.bodies,
        "error_texts": errors.texts,
        "error_headers": errors.headers,
    }
