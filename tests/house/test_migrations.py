"""No migration takes away what the version before still uses, or locks a table for long, without a reason."""

import re
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from types import ModuleType

import pytest
from alembic.migration import MigrationContext
from alembic.operations import Operations
from alembic.script import ScriptDirectory

from pressroom import migrations

RULES = {
    "removes": r"\bDROP (?:COLUMN|TABLE|VIEW|TYPE|SEQUENCE)\b",
    "renames": r"\bRENAME\b",
    "changes a type": r"\bALTER COLUMN \S+ (?:SET DATA )?TYPE\b",
    "demands a value": r"\bSET NOT NULL\b|\bADD COLUMN (?!.*\b(?:DEFAULT|GENERATED)\b).*\bNOT NULL\b",
    "writes a table anew": r"\bADD COLUMN .*\bGENERATED ALWAYS AS\b",
    "locks writers out while it makes an index": r"\bCREATE (?:UNIQUE )?INDEX (?!CONCURRENTLY\b)",
    "changes every row": r"^UPDATE\b(?!.*\bIN \(SELECT\b)",
}
#: What was done nevertheless, and why no request failed with 500.
REASONS = {
    ("0006", "changes every row"): "the tables were small; requests for posts got 503 meanwhile",
    ("0006", "writes a table anew"): "as above",
    ("0006", "locks writers out while it makes an index"): "as above",
    ("0010", "locks writers out while it makes an index"): "answers are kept for 24 hours: a small table",
    ("0011", "writes a table anew"): "accounts are few; requests got 503 for the seconds that it took",
    ("0011", "locks writers out while it makes an index"): "as above",
    ("0013", "removes"): "a generated column that is made anew under its name in the same transaction",
    ("0013", "writes a table anew"): "five seconds for 100,000 posts, with 503 meanwhile: see the changelog",
    ("0013", "locks writers out while it makes an index"): "part of the above",
    ("0014", "removes"): "no version since 0006 uses the column",
}
_SCRIPTS = ScriptDirectory(str(Path(migrations.__file__).parent))
MODULES = {each.revision: each.module for each in reversed([*_SCRIPTS.walk_revisions()])}


def statements(module: ModuleType) -> list[str]:
    """Return the SQL that a revision executes, as Alembic writes it for `--sql`."""
    output = StringIO()
    options = {"as_sql": True, "output_buffer": output}
    with Operations.context(MigrationContext.configure(dialect_name="postgresql", opts=options)):
        module.upgrade()
    return [" ".join(each.split()) for each in output.getvalue().split(";\n\n") if each.strip()]


def broken(sql: list[str]) -> Iterator[str]:
    """Yield the rules that statements break; a table that they make themselves has no user yet."""
    new = {found[1] for each in sql if (found := re.match(r"CREATE (?:UNLOGGED )?TABLE (\w+)", each))}
    for each in sql:
        table = re.search(r"\bON (\w+)", each) if " INDEX " in each else None
        if table is None or table[1] not in new:
            yield from (rule for rule, pattern in RULES.items() if re.search(pattern, each))


@pytest.mark.parametrize("revision", MODULES)
def test_a_migration_keeps_what_the_version_before_uses(revision: str) -> None:
    reasons = {rule for number, rule in REASONS if number == revision}
    assert set(broken(statements(MODULES[revision]))) == reasons


@pytest.mark.parametrize(
    ("statement", "rule"),
    [
        ("ALTER TABLE posts DROP COLUMN title", "removes"),
        ("DROP TABLE posts", "removes"),
        ("ALTER TABLE posts RENAME title TO headline", "renames"),
        ("ALTER TABLE posts ALTER COLUMN title TYPE VARCHAR(9)", "changes a type"),
        ("ALTER TABLE posts ALTER COLUMN title SET NOT NULL", "demands a value"),
        ("ALTER TABLE posts ADD COLUMN color TEXT NOT NULL", "demands a value"),
        ("ALTER TABLE posts ADD COLUMN n INTEGER GENERATED ALWAYS AS (1) STORED", "writes a table anew"),
        ("CREATE UNIQUE INDEX i ON posts (title)", "locks writers out while it makes an index"),
        ("UPDATE posts SET title = content", "changes every row"),
    ],
)
def test_what_a_rule_forbids(statement: str, rule: str) -> None:
    assert [*broken([*statements(MODULES["0012"]), statement])] == [rule]


@pytest.mark.parametrize(
    "statement",
    [
        "ALTER TABLE posts ADD COLUMN color TEXT",
        "ALTER TABLE posts ADD COLUMN color TEXT DEFAULT 'red' NOT NULL",
        "CREATE INDEX CONCURRENTLY i ON posts (title)",
        "UPDATE posts SET color = 'red' WHERE id IN (SELECT id FROM posts LIMIT 1000)",
    ],
)
def test_what_is_free(statement: str) -> None:
    assert [*broken([*statements(MODULES["0012"]), statement])] == []
