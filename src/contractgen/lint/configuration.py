"""The table `[tool.contractgen.lint]`: the severity of each rule, for all of a contract or for some places.

    [tool.contractgen.lint]
    rules = { "missing-example" = "off", "operation-id-case" = "error" }

    [[tool.contractgen.lint.paths]]
    path = "/admin/**"
    rules = { "string-max-length" = "off" }

`path` selects by the paths of the contract, `pointer` by JSON Pointers of the joined document. `*` stands
for any text within a segment, `**` for any number of segments. The last entry that matches counts.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, Literal, TypeAlias, cast, get_args

from contractgen.document.findings import SettingError, Severity
from contractgen_runtime.pointers import tokens

Grade: TypeAlias = Severity | Literal["off"]
_GRADES = (*get_args(Severity), "off")
_SELECTORS = ("path", "pointer")


@dataclass(frozen=True, slots=True)
class Override:
    """The grades of rules at the places that a pattern selects."""

    selector: str
    pattern: re.Pattern[str]
    grades: Mapping[str, Grade]

    def selects(self, pointer: str) -> bool:
        """Return whether a JSON Pointer of the document is selected."""
        if self.selector == "pointer":
            return bool(self.pattern.fullmatch(pointer))
        names = tokens(pointer)
        return len(names) > 1 and names[0] == "paths" and bool(self.pattern.fullmatch(names[1]))


@dataclass(frozen=True, slots=True)
class LintConfiguration:
    """The grades of rules that differ from their own severity; later overrides count over earlier ones."""

    grades: Mapping[str, Grade]
    overrides: tuple[Override, ...] = ()

    def grade(self, rule: str, usual: Severity, pointers: Collection[str]) -> Grade:
        """Return the grade of a finding of a rule that stands at some JSON Pointers of the document."""
        grade: Grade = self.grades.get(rule, usual)
        for each in self.overrides:
            if rule in each.grades and any(map(each.selects, pointers)):
                grade = each.grades[rule]
        return grade


USUAL = LintConfiguration({})


def lint_configuration(table: Mapping[str, Any], rules: Collection[str]) -> LintConfiguration:
    """Return what a table says; SettingError for a rule that does not exist, or another fault."""
    _check_keys(table, ("rules", "paths"))
    entries = table.get("paths", [])
    if not isinstance(entries, list) or not all(isinstance(each, dict) for each in entries):
        raise SettingError("paths: must be tables, written [[tool.contractgen.lint.paths]]")
    overrides = [each for entry in entries for each in _overrides(entry, rules)]
    return LintConfiguration(_grades(table.get("rules", {}), rules), tuple(overrides))


def _overrides(entry: Mapping[str, Any], rules: Collection[str]) -> list[Override]:
    _check_keys(entry, (*_SELECTORS, "rules"), "paths: ")
    said = [(selector, entry[selector]) for selector in _SELECTORS if selector in entry]
    if len(said) != 1:
        raise SettingError("paths: each entry needs either `path` or `pointer`")
    (selector, patterns), grades = said[0], _grades(entry.get("rules", {}), rules)
    patterns = [patterns] if isinstance(patterns, str) else patterns
    if not isinstance(patterns, list) or not all(isinstance(each, str) for each in patterns):
        raise SettingError(f"paths: {selector} must be a text or a list of texts")
    for pattern in patterns:
        if not pattern.startswith("/"):
            raise SettingError(f"paths: {selector} {pattern!r} must begin with /")
    return [Override(selector, _compiled(pattern), grades) for pattern in patterns]


def _grades(table: Any, rules: Collection[str]) -> dict[str, Grade]:
    if not isinstance(table, dict):
        raise SettingError("rules must be a table of rules and severities")
    for name, grade in table.items():
        if name not in rules:
            near = get_close_matches(name, rules, 1)
            hint = f"; did you mean {near[0]!r}?" if near else "; contractgen lint --rules lists them"
            raise SettingError(f"no rule is called {name!r}{hint}")
        if grade not in _GRADES:
            raise SettingError(f"the severity of {name} must be one of {', '.join(_GRADES)}")
    return cast(dict[str, Grade], table)


def _check_keys(table: Mapping[str, Any], known: Collection[str], where: str = "") -> None:
    for name in sorted(table.keys() - set(known)):
        raise SettingError(f"{where}no setting {name!r}; there are {', '.join(known)}")


def _compiled(pattern: str) -> re.Pattern[str]:
    """The regular expression of a glob; `/admin/**` is also `/admin` itself."""
    segments = [
        r"(?:/[^/]*)*" if segment == "**" else "/" + re.escape(segment).replace(r"\*", "[^/]*")
        for segment in pattern.split("/")[1:]
    ]
    return re.compile("".join(segments), re.DOTALL)
