"""Regular expressions have the meaning of ECMA-262 in the exact check and in models; the oracle is Node."""

import json
import random
import shutil
import subprocess
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from pydantic_core import SchemaValidator, ValidationError
from pydantic_core.core_schema import str_schema

from contractgen.document.findings import ContractError
from contractgen.plan.planner import make_plan
from contractgen.schema.patterns import PatternError, is_plain_pattern, portable
from tests.contractgen.packages import contract, read_document
from tests.contractgen.putting import serve_put

# Decided by Node 20: with the flag `u`, or without where only that is valid. `python -m` of this module asks
# Node again.
RECORDED = Path(__file__).with_name("node_patterns.json")
NODE = shutil.which("node")
# Each is valid in another dialect, or has a meaning in ECMA-262 that the engines at hand do not have.
REJECTED = [
    *(
        r"\Aa\Z",
        r"(?P<n>a)",
        "(?i)a",
        "(?i:a)",
        "(?>a)",
        "a++",
        "(?#c)a",
        r"\h",
        "a{,3}",
        r"\07",
    ),
    *(
        r"\p{IsGreek}",
        r"\p{letter}",
        r"\pL",
        r"^\p{L}\_$",
        r"\ud83d",
        r"\c1",
        r"\x0",
        r"\k<n>",
        "(?<n>a)(?<n>b)",
    ),
    *(r"\1(a)", r"(a\1)", r"(?:(a)|b)\1", r"(a)?\1", r"(a*)+\1b", r"(?<=(a))b", "(a{1000}){1000}"),
    *("(", ")", "(a", "[a", "\\", "*", "a**", "(?=a)*", "a{2,1}", "[z-a]", "(" * 60 + ")" * 60),
]
_ATOMS = [
    *list("ab1_-. é"),
    *(
        r"\d",
        r"\w",
        r"\s",
        r"\S",
        r"\W",
        r"\D",
        r"\b",
        r"\B",
        ".",
        "^",
        "$",
        r"\.",
        r"\/",
        r"\-",
        r"\1",
        r"\2",
    ),
    *(r"\k<n>", r"\n", r"\p{L}", r"\P{Lu}", r"\u0061", r"\u{62}", r"\cA", r"\x41", r"\0", "[ab]", "[^ab]"),
    *(
        "[a-z]",
        r"[\w-.]",
        r"[^\d]",
        r"[\s\S]",
        r"[\W_]",
        r"[^\W\d]",
        r"[\p{L}\S]",
        "[]",
        "[^]",
        "[-a]",
        "[a-]",
    ),
    *("&&", "]", "{", "}", "😀", "\u2028", r"\_", r"\@", "[a&&b]", "[[]", "[--a]"),
]
_CHARACTERS = "ab1_-. éA\n\r]{}&@/\\[\u2028\x85\ufeff\x01\x00٣Яſ😀\t"


def recorded() -> list[tuple[str, dict[str, bool]]]:
    found: dict[str, dict[str, bool]] = json.loads(RECORDED.read_text())
    return list(found.items())


def _admitted(pattern: str, texts: list[str]) -> list[bool]:
    """What the exact check decides; a model decides the same where it has the pattern."""
    text = portable(pattern)
    validator = jsonschema_rs.Draft202012Validator({"pattern": text})
    decided = [validator.is_valid(each) for each in texts]
    if is_plain_pattern(pattern):
        assert [_by_model(text, each) for each in texts] == decided
    assert portable(text) == text
    return decided


def _by_model(pattern: str, text: str) -> bool:
    try:
        SchemaValidator(str_schema(pattern=pattern)).validate_python(text)
    except ValidationError:
        return False
    return True


@pytest.mark.parametrize("case", recorded(), ids=[each for each, _ in recorded()])
def test_a_pattern_admits_what_node_says(case: tuple[str, dict[str, bool]]) -> None:
    pattern, verdicts = case
    assert dict(zip(verdicts, _admitted(pattern, list(verdicts)), strict=True)) == verdicts


@pytest.mark.parametrize("pattern", REJECTED)
def test_a_pattern_that_cannot_be_checked_exactly_is_rejected(pattern: str) -> None:
    with pytest.raises(PatternError):
        portable(pattern)


@pytest.mark.parametrize(
    ("pattern", "remedy"),
    [
        (r"\Aa", "write ^"),
        (r"a\z", "write $"),
        (r"\i", "write what it stands for"),
        ("a(?i)a", "at character 2: write both cases of each letter, such as [aA]"),
        ("(?P<n>a)", "write (?<name>…)"),
        (r"\p{Han}", r"if it is a script, write \p{Script=Han}"),
    ],
)
def test_a_rejected_pattern_has_a_remedy(pattern: str, remedy: str) -> None:
    with pytest.raises(PatternError) as error:
        portable(pattern)
    assert str(error.value).endswith(remedy)


@pytest.mark.parametrize("keyword", ["pattern", "patternProperties"])
def test_a_rejected_pattern_is_a_finding_at_its_place(tmp_path: Path, keyword: str) -> None:
    document = contract()
    schema: Any = {"pattern": "(?i)a"} if keyword == "pattern" else {"patternProperties": {"(?i)a": {}}}
    document["components"]["schemas"]["Extra"] = schema
    with pytest.raises(ContractError) as error:
        make_plan(read_document(tmp_path, document))
    (finding,) = error.value.findings
    assert finding.pointer.startswith(f"/components/schemas/Extra/{keyword}")
    assert "(?i" not in finding.message or "at character 1" in finding.message
    assert finding.line > 1


async def test_a_route_reads_patterns_of_values_and_of_names_alike() -> None:
    schema = {
        "type": "object",
        "patternProperties": {"^a.b$": {"pattern": "^a.b$"}},
        "additionalProperties": False,
    }
    put = serve_put({"application/json": {"schema": schema}})
    for text, status in {"axb": 204, "a\u2028b": 422, "a\rb": 422, "a😀b": 204}.items():
        assert (await put.send(b"", json={text: "axb"})).status == status
        assert (await put.send(b"", json={"axb": text})).status == status


def _pattern(source: random.Random, depth: int = 0) -> str:
    text = ""
    for _ in range(source.randint(1, 4)):
        if depth < 3 and source.random() < 0.25:
            opening = source.choice(["(", "(?:", "(?=", "(?!", "(?<=", "(?<!", "(?<n>"])
            text += opening + _pattern(source, depth + 1) + ")"
        else:
            text += source.choice(_ATOMS)
        if source.random() < 0.25:
            text += source.choice(["*", "+", "?", "{2}", "{0,2}", "{1,}", "*?", "+?"])
    return text


@pytest.mark.skipif(NODE is None, reason="Node is not installed; the recorded table has its verdicts")
@pytest.mark.parametrize("seed", range(4))
def test_random_patterns_admit_what_node_says_or_are_rejected(seed: int) -> None:
    source = random.Random(seed)
    patterns = [source.choice(["{}", "^{}$"]).format(_pattern(source)) for _ in range(500)]
    texts = ["".join(source.choices(_CHARACTERS, k=source.randint(0, 5))) for _ in range(20)]
    texts += ["".join(source.choices("ab1", k=source.randint(0, 5))) for _ in range(20)]
    kept = 0
    for pattern, found in zip(patterns, of_node(patterns, texts), strict=True):
        try:
            decided = _admitted(pattern, texts)
        except PatternError:
            continue
        kept += 1
        assert found is not None, f"{pattern!r} is no regular expression"
        with_u, verdicts = found
        for index, text in enumerate(texts):
            if with_u or all(ord(each) < 0x10000 for each in text):
                assert decided[index] == verdicts[index], (pattern, portable(pattern), text)
    assert kept > 200


def of_node(patterns: list[str], texts: list[str]) -> list[tuple[bool, list[bool]] | None]:
    """Return for each pattern whether it is valid with the flag `u`, and its verdicts; None for an error."""
    script = """
        const [patterns, texts] = JSON.parse(require('fs').readFileSync(0, 'utf8'));
        const compile = (pattern, flag) => { try { return new RegExp(pattern, flag) } catch { return null } };
        console.log(JSON.stringify(patterns.map(pattern => {
            const found = compile(pattern, 'u') ?? compile(pattern, '');
            return found && [found.unicode, texts.map(text => found.test(text))];
        })));
    """
    assert NODE is not None
    run = subprocess.run(
        [NODE, "-e", script],
        input=json.dumps([patterns, texts]),
        capture_output=True,
        text=True,
        check=True,
    )
    found: list[tuple[bool, list[bool]] | None] = json.loads(run.stdout)
    return found


if __name__ == "__main__":
    table = {}
    for name, verdicts in recorded():
        (decided,) = of_node([name], list(verdicts))
        assert decided is not None, name
        table[name] = dict(zip(verdicts, decided[1], strict=True))
    lines = (f"{json.dumps(name)}: {json.dumps(table[name])}" for name in table)
    RECORDED.write_text("{\n" + ",\n".join(lines) + "\n}\n")
