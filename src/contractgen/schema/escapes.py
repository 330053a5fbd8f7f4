"""Escapes in regular expressions of ECMA-262, and the position up to which one has been read."""

import re
from dataclasses import dataclass

from contractgen.schema.character_classes import DIGITS, LAST, SPACE, WORD, Ranges, complement

_CLASSES: dict[str, Ranges] = {"d": DIGITS, "w": WORD, "s": SPACE}
_CONTROLS = {"t": 0x09, "n": 0x0A, "v": 0x0B, "f": 0x0C, "r": 0x0D}
_SYNTAX = r"^$\.*+?()[]{}|/"
# What ECMA-262 has for escapes of other dialects.
_REMEDIES = {"A": "write ^", "Z": "write $", "z": "write $", "h": r"write [ \t]", "R": r"write (?:\r\n|\n)"}
_CODE = re.compile(
    r"x(?P<byte>[0-9a-fA-F]{2})|u(?P<high>[dD][89abAB][0-9a-fA-F]{2})\\u(?P<low>[dD][c-fC-F][0-9a-fA-F]{2})"
    r"|u(?P<unit>[0-9a-fA-F]{4})|u\{(?P<point>[0-9a-fA-F]+)\}"
)
_PROPERTY = re.compile(r"[pP]\{(?:(?P<kind>\w+)=)?(?P<name>\w+)\}")
_SCRIPT = re.compile(r"[A-Z][a-z]+(?:_[A-Z][a-z]+)*|Nko|Phags_Pa|SignWriting")
_GENERAL = ("General_Category", "gc")
_SCRIPTS = ("Script", "sc", "Script_Extensions", "scx")
_CATEGORIES = """
    L Letter LC Cased_Letter Lu Uppercase_Letter Ll Lowercase_Letter Lt Titlecase_Letter Lm Modifier_Letter
    Lo Other_Letter M Mark Mn Nonspacing_Mark Mc Spacing_Mark Me Enclosing_Mark N Number Nd Decimal_Number
    Nl Letter_Number No Other_Number P Punctuation punct Pc Connector_Punctuation Pd Dash_Punctuation
    Ps Open_Punctuation Pe Close_Punctuation Pi Initial_Punctuation Pf Final_Punctuation
    Po Other_Punctuation S Symbol Sm Math_Symbol Sc Currency_Symbol Sk Modifier_Symbol So Other_Symbol
    Z Separator Zs Space_Separator Zl Line_Separator Zp Paragraph_Separator C Other Cc Control Cf Format
    Co Private_Use Cn Unassigned
"""
_BINARY = """
    ASCII Any Assigned Alphabetic Alpha Lowercase Lower Uppercase Upper White_Space space Math Emoji
    Emoji_Presentation Extended_Pictographic ID_Start IDS ID_Continue IDC Ideographic Ideo Dash Diacritic
    Hex_Digit Hex ASCII_Hex_Digit AHex Cased Case_Ignorable Default_Ignorable_Code_Point DI
"""


class PatternError(ValueError):
    """A regular expression that ECMA-262 does not have, or that cannot be checked exactly."""


@dataclass
class Cursor:
    """A position in a regular expression, and what before it requires the flag `u`, or its absence."""

    pattern: str
    at: int = 0
    needs_no_u: str = ""
    needs_u: str = ""

    def error(self, message: str, remedy: str = "") -> PatternError:
        return PatternError(f"{message}, at character {self.at + 1}{remedy and f': {remedy}'}")

    def peek(self, offset: int = 0) -> str:
        return self.pattern[self.at + offset : self.at + offset + 1]

    def take(self, text: str) -> bool:
        """Go past a text if it follows."""
        found = self.pattern.startswith(text, self.at)
        self.at += len(text) if found else 0
        return found

    def note(self, character: str) -> int:
        """Return the code of a character; beyond U+FFFF it is two without the flag `u`."""
        if ord(character) > 0xFFFF:
            self.needs_u = character
        return ord(character)

    def match(self, expression: re.Pattern[str]) -> re.Match[str] | None:
        return expression.match(self.pattern, self.at)


def escaped(cursor: Cursor, *, in_class: bool) -> int | str | Ranges:
    """Return the character, the property or the set of characters of what follows a backslash."""
    character = cursor.peek()
    if character and character in "pP":
        return _property(cursor)
    if character and character in "xu":
        return _code(cursor)
    cursor.at += 1
    if character.lower() in _CLASSES:
        found = _CLASSES[character.lower()]
        return found if character.islower() else complement(found)
    code = _control(cursor, character, in_class=in_class)
    if code is not None:
        return code
    if not character or character.isalnum():
        remedy = _REMEDIES.get(character, "write what it stands for")
        raise cursor.error(f"\\{character} has no meaning in ECMA-262", remedy)
    if character not in (_SYNTAX + "-" if in_class else _SYNTAX):
        cursor.needs_no_u = f"\\{character}"
    return ord(character)


def _control(cursor: Cursor, character: str, *, in_class: bool) -> int | None:
    following = cursor.peek()
    if character == "c" and following.isascii() and following.isalpha():
        cursor.at += 1
        return ord(following) % 32
    if character == "0" and not following.isdecimal():
        return 0
    return 8 if character == "b" and in_class else _CONTROLS.get(character)


def _code(cursor: Cursor) -> int:
    found = cursor.match(_CODE)
    if found is None:
        raise cursor.error("the code of a character is incomplete")
    if found["high"]:
        code = ord(bytes.fromhex(found["high"] + found["low"]).decode("utf-16-be"))
    else:
        code = int(found["byte"] or found["unit"] or found["point"], 16)
    if found["high"] or found["point"]:
        cursor.needs_u = found[0]
    if code > LAST or code in range(0xD800, 0xE000):
        raise cursor.error("no character has this code")
    cursor.at = found.end()
    return code


def _property(cursor: Cursor) -> str:
    found = cursor.match(_PROPERTY)
    if found is None or not _is_known(found["kind"], found["name"]):
        is_script = found is not None and found["kind"] is None and _SCRIPT.fullmatch(found["name"])
        remedy = f"if it is a script, write \\p{{Script={found['name']}}}" if found and is_script else ""
        raise cursor.error("a Unicode property that is not known", remedy)
    cursor.needs_u = found[0]
    cursor.at = found.end()
    return f"\\{found[0]}"


def _is_known(kind: str | None, name: str) -> bool:
    if kind in _SCRIPTS:
        return _SCRIPT.fullmatch(name) is not None
    return kind in (None, *_GENERAL) and name in (_CATEGORIES if kind else _CATEGORIES + _BINARY).split()
