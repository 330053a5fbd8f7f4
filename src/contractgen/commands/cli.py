"""The command line: one parser, and one way to report errors."""

import argparse
import sys
from collections.abc import Sequence
from importlib import import_module
from textwrap import dedent
from typing import Any, NoReturn

from contractgen import __version__
from contractgen.commands.extras import require_extra
from contractgen.commands.github import annotations_of_findings
from contractgen.commands.output import as_json
from contractgen.document.findings import ContractError, Finding, OutError, SettingError, ToolError

_EXIT_CODES = """\
exit codes:
  0  success
  1  findings: drift, a breaking change, or an error in the contract or the generated package
  2  nothing was done: wrong usage or settings, or a document or folder that cannot be used
"""
_JSON = """\
with --json:
  one object on standard output, errors included; `findings` is always there, a list of
  {file, line, column, pointer, message, hint, edits, rule, severity}, where `edits` is a JSON Patch of
  the file that repairs it, or empty; exit code 2 comes with `error`, a text
"""
# The help of each command. Its module has its name, and is imported only for that command.
_COMMANDS: dict[str, tuple[str, str]] = {
    "generate": (
        "write the package of a document; only files that differ are written",
        """\
        examples:
          contractgen generate openapi.yaml --out src/api
          contractgen generate openapi.yaml --out src/api --json | jq -r '.changes[].file'
          contractgen generate    # what pyproject.toml names
          contractgen generate --watch

        Settings are read from the pyproject.toml nearest to the document, or without SPEC to the working
        directory; paths in it are relative to it:

          [tool.contractgen]
          spec = "openapi.yaml"
          out = "src/api"
          handlers = "shop"          # the package with the handlers, a module for each tag
          skip = ["export_report", "GET /legacy/{id}"]
          skip-unsupported = true    # as the option, for all commands
          vendor = true              # as the option, for all commands

        Several contracts have a table each, [tool.contractgen.contracts.NAME], with the same settings;
        skip-unsupported, vendor and lint in [tool.contractgen] are then the default of all of them.
        A command without SPEC takes every contract, with --contract NAME one.

        The folder's name is the package's name. contractgen owns the folder: changed files are
        restored, other files are removed, and a folder that contractgen did not write is left as it is
        (exit code 2). Warnings go to standard error.

        By default one unsupported operation rejects the document. --skip-unsupported leaves out the
        operations that cannot be generated and prints the reason for each; `/openapi.yaml` still serves
        the whole contract. `skip` leaves out the listed ones.

        The package imports contractgen-runtime, and says which versions of it fit. --vendor copies what it
        needs of it into the package.

        --watch also prints the changes between the last document and the saved one, as `contractgen diff`
        does. A document that cannot be used is reported, and its package stays. Ctrl-C ends with 0.

        --json adds `spec`, `out`, `files` (a count), `changes`, a list of {file, change} where change is
        wrote, updated or removed, `warnings`, a list like `findings`, and `skipped`, a list of {kind, name,
        file, line, column, pointer, findings}. Without SPEC and --contract, contracts that have a table of
        their own are in `contracts`, a list of objects with these members and `contract`, the name of the
        table; `findings` and `error` are those of all.
        """,
    ),
    "check": (
        "compare the package with its document; exit code 1 if they differ",
        """\
        examples:
          contractgen check openapi.yaml --out src/api || contractgen generate openapi.yaml --out src/api
          contractgen check    # what pyproject.toml names

        For CI: writes nothing. Give it the options of `generate`. --json adds `spec`, `out`, `skipped`,
        and `changes`, a list of {file, change} where change is missing, changed or extra. Without SPEC and
        --contract, contracts that have a table of their own are in `contracts`, as those of `generate`.
        """,
    ),
    "lint": (
        "check the document against named rules; exit code 1 for errors, with --strict for warnings",
        """\
        examples:
          contractgen lint openapi.yaml --strict
          contractgen lint --strict    # what pyproject.toml names
          contractgen lint openapi.yaml --fix
          contractgen lint --rules
          contractgen lint openapi.yaml --json | jq -r '.findings[] | "\\(.file):\\(.line) \\(.rule)"'

        Findings are errors, warnings or infos; what `generate` would reject is an error. They are printed
        rule by rule, the first few of each, with a summary on standard error. --github prints all of them as
        annotations of GitHub Actions; `check` and `diff` have this option too.

        --fix makes the changes that are obvious: it declares an error by the response component for it,
        writes operationIds in snake_case, replaces `nullable` in OpenAPI 3.1, adds `required: true` to
        path parameters and the missing entries of a discriminator's mapping, and removes nulls and
        repetitions. Comments and layout stay. A new operationId is a new name in clients' code, which
        `contractgen diff` calls breaking.

        Severities are set in the pyproject.toml nearest to the document: off, info, warning or error.

          [tool.contractgen.lint]
          rules = { "missing-example" = "off", "operation-id-case" = "error" }

          [[tool.contractgen.lint.paths]]
          path = "/admin/**"     # paths of the contract; or pointer = "/components/schemas/Legacy*"
          rules = { "string-max-length" = "off" }

        --json has every finding, adds `documents`, a list of {file, findings}, and `rules`, a list of
        {rule, severity, findings}, where findings is a count, and with --fix `edits`, a count; with --rules,
        `rules` is a list of {rule, severity, why}.
        """,
    ),
    "fetch": (
        "save the files of other hosts that the document refers to, beside it",
        """\
        examples:
          contractgen fetch openapi.yaml
          contractgen fetch    # what pyproject.toml names
          contractgen fetch openapi.yaml --again

        The reference `https://HOST/PATH` is the file `remote/HOST/PATH` beside the document, also for the
        references within such files. Commit these files: every other command reads them there, and none
        uses the network for a document.

        Prints each file with its address and SHA-256: fetched, or present, if it was there already. With
        --again those are fetched too, and are changed or unchanged. Addresses and redirects are HTTPS, or
        HTTP on localhost. A file keeps the name of the address in the contract after a redirect.

        --json adds `files`, a list of {file, address, sha256, state}.
        """,
    ),
    "diff": (
        "list what clients notice of a change: breaking (exit code 1), compatible, patch",
        """\
        examples:
          contractgen diff released/openapi.yaml openapi.yaml
          contractgen diff released/openapi.yaml openapi.yaml --versions
          contractgen diff 1.0.0.yaml 1.1.0.yaml --format markdown

        With --versions the exit code judges `info.version` instead of the changes: a breaking change needs
        a new major version, a compatible one a new minor version, and documentation none, but the version
        must not fall. Before 1.0 a breaking change needs a new minor version, a compatible one a new patch
        version. From a pre-release, such as 2.0.0-rc.1, any later version will do.

        --json adds `changes`, a list of {level, file, line, column, pointer, message, on_wire}, and with
        --versions `version`, an object of {old, new, needed, is_enough}.
        """,
    ),
    "verify": (
        "generate into a temporary folder, and compare what the package does with its document",
        """\
        examples:
          contractgen verify openapi.yaml
          contractgen verify contracts/*.yaml --no-types --timeout 120
          contractgen verify --contract billing

        Each document's package is imported, checked by mypy --strict, mounted with stand-ins for its
        handlers and started. Its route tables are compared with the document: parameters, bodies,
        responses, security and operationIds. Then values at and beyond the bound of each keyword of the
        raw schemas are sent to the routes, and judged by validators that generated code does not use
        (jsonschema, for OpenAPI 3.0 openapi-schema-validator). What they decide differently is a finding,
        with the value. --notes lists what is no fault: where jsonschema-rs disagrees with the first
        validator, and how often response types admit what their schemas reject. With --skip-unsupported the
        other operations are verified, and the skipped ones are counted. --json adds `documents`, a list of
        {file, operations, instances, findings, seconds, notes, skipped}; `findings` is a count.
        """,
    ),
    "new": (
        "create a service from a document that runs, with every operation mocked until it has a handler",
        """\
        example:
          contractgen new openapi.yaml shop

        DIR gets a copy of the document, the generated package, a module of typed handlers for each tag, a
        host with a method for each security scheme, settings, tests, a Makefile, a Dockerfile and a CI
        workflow.
        Operations that cannot be generated are left out and reported. A security scheme that is demanded and
        not declared is declared in the copy, as a key in the header of its name or by what its name says.
        With --database postgres it has a unit of work on PostgreSQL, Alembic migrations, and tables drafted
        from the schemas that responses carry by an id.

        DIR/wheels has contractgen and contractgen-runtime, from where this command was installed or from
        --find-links, so that `make run` needs no index that has them.
        """,
    ),
    "fuzz": (
        "fuzz a service, or a mock of the contract, with schemathesis and every check",
        """\
        examples:
          contractgen fuzz openapi.yaml
          contractgen fuzz openapi.yaml --url http://127.0.0.1:8000 --credential bearerAuth=TOKEN
          contractgen fuzz openapi.yaml --url http://127.0.0.1:8000 --login login \\
            --account '{"email": "ada@example.com", "password": "analytical engine"}'
          contractgen fuzz openapi.yaml --write schemathesis.toml

        Without --url it starts a mock of the contract. The credential of a security scheme is that of
        --credential, else that of CONTRACTGEN_CREDENTIAL_<SCHEME> in the environment (BEARER_AUTH for
        bearerAuth). With --login, a session that the fuzzer ends is opened anew. With --peer, given
        twice, neither peer may read what the other has made.

        Failures that follow from a finding of `contractgen lint` are counted, and fail nothing; they are
        not failures in --report either. --write writes the configuration of schemathesis, and with
        --peer a file of the identities beside it.

        A keyword of a request's schema is covered when one request satisfies it and another violates it.

        --json adds `url`, `operations` and `requests` (counts), `coverage` with `responses`, `parameters`
        and `keywords`, each [covered, declared], and `missing`, the responses that no request got, and
        `explained`, a list of {reason, failures}; the report of schemathesis goes to standard error then.
        The `rule` of a finding is the check. With --write: `written`, a list of files, and `variables`,
        those to set.
        """,
    ),
    "mock": (
        "serve a contract without its service, from its examples and schemas",
        """\
        examples:
          contractgen mock openapi.yaml --port 8001
          contractgen mock --contract billing

        What clients create, change and delete is remembered until the mock ends, unless --stateless is given.

        `Prefer: code=404` selects another declared response, `Prefer: example=NAME` an example, and
        `Prefer: delay=1500` waits so many milliseconds. Every credential is accepted unless it contains
        `invalid`; with --credential, only the given ones are.

        --json prints one object when the mock listens: `url`, `operations` (a count), `skipped`, and as
        `findings` the responses for which no value was found, which become a 501.
        """,
    ),
}


class _UsageError(Exception):
    """Invalid arguments; `usage` is the text for people."""

    def __init__(self, usage: str, message: str) -> None:
        super().__init__(message)
        self.usage = usage


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise _UsageError(f"{self.format_usage()}{self.prog}: error: {message}\n", message)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command, and return the exit code."""
    given = sys.argv[1:] if arguments is None else arguments
    as_object = "--json" in given
    try:
        options = parser_for(next((each for each in given if each in _COMMANDS), "")).parse_args(given)
        code: int = options.run(options)
    except _UsageError as error:
        _report(as_object, error, text=error.usage)
        raise SystemExit(2) from None
    except ContractError as error:
        if "--github" in given:
            print("\n".join(annotations_of_findings(error.findings)))
        text = f"{error}\n"
        if error.others:
            text += f"--skip-unsupported leaves out what is not supported: {error.others} operations remain\n"
        _report(as_object, "the document cannot be used", text=text, findings=error.findings)
    except (OutError, SettingError, ToolError, OSError) as error:
        _report(as_object, error, text=f"{error}\n")
    else:
        return code
    return 2


def _report(as_object: bool, error: Any, *, text: str, findings: Sequence[Finding] = ()) -> None:
    """Report why nothing was done: as JSON on standard output, or as text on standard error."""
    if as_object:
        print(as_json(findings, error=str(error)))
    else:
        sys.stderr.write(text)


def parser_for(asked: str) -> argparse.ArgumentParser:
    """Return the parser, complete for the command that is asked for."""
    parser = _Parser(
        prog="contractgen",
        description="Write Pydantic models and typed, compiled FastAPI routes from an OpenAPI document.",
        epilog=f"`contractgen COMMAND --help` has examples.\n\n{_EXIT_CODES}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"contractgen {__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for name, (text, more) in _COMMANDS.items():
        command = commands.add_parser(
            name,
            help=text,
            description=f"{text[0].upper()}{text[1:]}.",
            epilog=f"{dedent(more)}\n{_JSON}\n{_EXIT_CODES}",
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        if name == asked:
            require_extra(name)
            home = import_module(f"contractgen.commands.{name}")
            home.add_arguments(command)
            command.set_defaults(run=home.run)
    return parser
