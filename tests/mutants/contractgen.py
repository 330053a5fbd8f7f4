"""Mutants of contractgen: each one wrong line, and the tests that are to notice it.

`old` stands exactly once in its file. A mutant that no test kills says in `survives` why that is right.
"""

from tests.mutants.mutant import Mutant, of

_TESTS = "tests/contractgen"
_NORMAL = "src/contractgen/schema/normal.py"
_AFTER_FORMATS = "        _bound_by_format(schema)\n"
#: Each is lost in the normal form, which the generator, the checks and the mock all read.
_KEYWORDS = (
    *("type", "enum", "const", "required", "properties", "patternProperties", "additionalProperties"),
    *("propertyNames", "minProperties", "maxProperties", "dependentRequired", "dependentSchemas"),
    *(
        "unevaluatedProperties",
        "unevaluatedItems",
        "items",
        "prefixItems",
        "contains",
        "minContains",
        "maxContains",
    ),
    *(
        "minItems",
        "maxItems",
        "uniqueItems",
        "minLength",
        "maxLength",
        "pattern",
        "format",
        "minimum",
        "maximum",
    ),
    *(
        "exclusiveMinimum",
        "exclusiveMaximum",
        "multipleOf",
        "allOf",
        "anyOf",
        "oneOf",
        "not",
        "if",
        "then",
        "else",
    ),
)

_normal = of(
    "contractgen/schema/normal",
    "contractgen/schema/test_normal_form",
    "contractgen/schema/test_keywords",
    "contractgen/schema/test_patterns",
    "contractgen/models/test_model_types",
)
_nullable = of("contractgen/schema/nullable", "contractgen/schema/test_normal_form")
_directions = of(
    "contractgen/schema/directions", "contractgen/schema/test_normal_form", "contractgen/mock/test_mock"
)
_discriminators = of("contractgen/schema/discriminators", "contractgen/lint/test_semantic_rules")
_merge = of("contractgen/schema/merge", "contractgen/schema/test_merge")
_pointers = of(
    "contractgen_runtime/pointers",
    "contractgen_runtime/test_runtime_values",
    "contractgen/schema/test_keywords",
)
_converters = of(
    "contractgen_runtime/converters",
    "contractgen_runtime/test_runtime_values",
    "contractgen_runtime/test_parameters",
)
_styles = of(
    "contractgen_runtime/styles", "contractgen_runtime/test_parameters", "contractgen_runtime/test_forms"
)
_admission = of(
    "contractgen_runtime/admission",
    "contractgen_runtime/test_security",
    "contractgen_runtime/test_security_together",
    "contractgen_runtime/test_runtime",
)
_routing = of(
    "contractgen_runtime/routing",
    "contractgen_runtime/test_routing",
    "contractgen_runtime/test_permitted_responses",
    "contractgen/render/test_library",
)
_bodies = of(
    "contractgen_runtime/bodies", "contractgen_runtime/test_runtime", "contractgen_runtime/test_bodies"
)
_json = of(
    "contractgen_runtime/json_bodies", "contractgen/schema/test_keywords", "contractgen/render/test_library"
)
_respelling = of("contractgen_runtime/respelling", "contractgen/schema/test_keywords")
_encoding = of(
    "contractgen_runtime/encoding", "contractgen_runtime/test_runtime", "contractgen/render/test_library"
)
_media = of("contractgen_runtime/media", "contractgen_runtime/test_media")
_negotiation = of("contractgen_runtime/negotiation", "contractgen_runtime/test_negotiation")
_changes = of("contractgen/diff/changes", "contractgen/diff/test_diff")
_diff_bodies = of("contractgen/diff/bodies", "contractgen/diff/test_diff")
_diff_parameters = of("contractgen/diff/parameters", "contractgen/diff/test_diff")
_diff_security = of("contractgen/diff/security", "contractgen/diff/test_diff")
_parameters = of("contractgen/plan/parameters", "contractgen_runtime/test_parameters")
_reading = of(
    "contractgen/document/yaml_reading", "contractgen/document/test_yaml", "contractgen/document/test_files"
)
_folder = of("contractgen/render/folder", "contractgen/commands/test_generate")
_lint = of("contractgen/lint/operations", "contractgen/lint/test_lint")
_mock_values = of(
    "contractgen/mock/values", "contractgen/mock/test_mock", "contractgen/mock/test_mock_responses"
)

CONTRACTGEN: list[Mutant] = [
    *(
        Mutant(
            f"the keyword {keyword} is dropped",
            _NORMAL,
            _AFTER_FORMATS,
            f"{_AFTER_FORMATS}        schema.pop({keyword!r}, None)\n",
            (f"{_TESTS}/schema/test_keywords.py", f"{_TESTS}/schema/test_normal_form.py"),
        )
        for keyword in _KEYWORDS
    ),
    # One understanding of a schema.
    _normal(
        "nullable is ignored",
        'nullable = schema.pop("nullable", False) is True',
        'nullable = schema.pop("nullable", False) is None',
    ),
    _nullable(
        "null is let into an enum without it",
        '("enum" in schema and None not in schema["enum"])',
        '("enum" in schema and None is schema)',
    ),
    _normal(
        "what stands beside a 3.0 reference is applied",
        'return {"$ref": schema["$ref"]}\n    return',
        "pass\n    return",
    ),
    _normal(
        "a boolean exclusive bound is inclusive",
        "schema[exclusive] = schema.pop(bound)",
        "schema.pop(exclusive, None)",
    ),
    _normal("int32 admits one more", "2**31 - 1", "2**31"),
    _normal(
        "a pattern is read in the engine's own dialect",
        "        return portable(pattern)",
        "        return pattern",
    ),
    _normal(
        "false admits everything", 'return {"not": {}} if schema is False', "return {} if schema is False"
    ),
    _directions("readOnly is ignored", '"form", "part"), "readOnly")', '"form", "part"), "readonly")'),
    _directions("writeOnly is ignored", '"response": "writeOnly"', '"response": "writeonly"'),
    _directions("a hidden property stays required", "if name not in hidden]", "if name]"),
    _directions(
        "a hidden property is admitted",
        'dict.fromkeys(hidden & copy["properties"].keys(), False)',
        'dict.fromkeys(hidden & copy["properties"].keys(), True)',
    ),
    _discriminators(
        "a mapping is ignored", "if leads(target, reference)]", "if not leads(target, reference)]"
    ),
    _merge("the looser of two minima holds", '"minProperties"), max)', '"minProperties"), min)'),
    _merge(
        "the first of two enums holds", "[each for each in one if each in other]", "[each for each in one]"
    ),
    # JSON Pointers.
    _pointers(
        "~1 is unescaped after ~0",
        'token.replace("~1", "/").replace("~0", "~")',
        'token.replace("~0", "~").replace("~1", "/")',
    ),
    _pointers(
        "~ is escaped after /",
        ".replace('~', '~0').replace('/', '~1')",
        ".replace('/', '~1').replace('~', '~0')",
    ),
    _pointers(
        "a fragment is not percent-decoded",
        'return unquote(reference.partition("#")[2])',
        'return reference.partition("#")[2]',
    ),
    # Parameters.
    _converters(
        "an integer below its minimum is taken",
        "value = int(text)\n        if self.minimum is not None and value < self.minimum:",
        "value = int(text)\n        if self.minimum is not None and value < self.minimum - 1:",
    ),
    _converters(
        "a text may be one longer", "len(text) > self.max_length:", "len(text) > self.max_length + 1:"
    ),
    _converters(
        "a text may be one shorter", "len(text) < self.min_length:", "len(text) < self.min_length - 1:"
    ),
    _converters(
        "True is a boolean", 'if text not in ("true", "false"):', 'if text.lower() not in ("true", "false"):'
    ),
    _styles(
        "a space separates nothing",
        '"spaceDelimited": re.compile(r"%20|\\+| "),',
        '"spaceDelimited": re.compile(r","),',
    ),
    _styles(
        "an array is never exploded",
        'if len(given) > 1 and self.style.explode and "array" in self.kinds:',
        'if len(given) > 9 and self.style.explode and "array" in self.kinds:',
    ),
    _styles(
        "a parameter may be given twice", "if len(given) > 1 and strict:", "if len(given) > 2 and strict:"
    ),
    _styles(
        "a plus sign is no space",
        "plus_is_space = not style.allow_reserved",
        "plus_is_space = style.allow_reserved",
    ),
    _styles(
        "deepObject is ignored", 'return self.style.name == "deepObject"', 'return self.style.name == "deep"'
    ),
    _parameters(
        "explode's default is flipped",
        'node.get("explode", name in ("form", "cookie"))',
        'node.get("explode", name not in ("form", "cookie"))',
    ),
    _parameters(
        "the style is ignored",
        'name = node.get("style", _STYLES[location][0])',
        "name = _STYLES[location][0]",
    ),
    # Bodies and responses.
    _bodies("a body may have one byte more", "if len(whole) > max_bytes:", "if len(whole) > max_bytes + 1:"),
    _bodies(
        "a body of chunks may be too large",
        "if size > max_bytes:\n        raise",
        "if size < 0:\n        raise",
    ),
    _bodies(
        "every charset is taken",
        "if self.charsets is not None and sent.charset not in self.charsets:",
        "if self.charsets is None and sent.charset:",
    ),
    _bodies(
        "an unknown media type is 400",
        'raise Refusal(415, f"The body must be {known}.")',
        'raise Refusal(400, f"The body must be {known}.")',
    ),
    _bodies("a coded body is taken", '.lower() != b"identity":', '.lower() == b"none":'),
    _json(
        "the exact check is skipped", "if self.exact_check is not None and", "if self.exact_check is None and"
    ),
    _json("NaN is JSON", 'if raw.find(b"NaN") >= 0 or raw', 'if raw.find(b"NaN") >= 0 and raw'),
    _respelling(
        "5.0 is no integer", "return int(value) if value.is_integer()", "return value if value.is_integer()"
    ),
    _encoding(
        "a dict may have more properties",
        "not self._required <= body.keys() <= self._known",
        "not self._required <= body.keys()",
    ),
    _encoding(
        "a dict may have fewer properties",
        "not self._required <= body.keys() <= self._known",
        "not body.keys() <= self._known",
    ),
    _encoding(
        "as many properties are the same ones",
        "        if [*body] != self._seen:",
        "        if len(body) != len(self._seen or ()):",
    ),
    _encoding(
        "an item is what the one before was",
        "if self._below or [*body] != self._seen:",
        "if self._below or self._seen is None:",
    ),
    _media(
        "a suffix is ignored",
        'self.subtype == "json" or self.subtype.endswith("+json")',
        'self.subtype == "json"',
    ),
    _media(
        "*/* is closer than application/*",
        'if known.type == sent.type and known.subtype == "*":\n        return 2',
        'if known.type == sent.type and known.subtype == "*":\n        return 0',
    ),
    _negotiation("nothing is not acceptable", "if best == 0:", "if best < 0:"),
    # Security.
    _admission("roles are not checked", "if all(role in caller.roles for role in required):", "if caller:"),
    _admission(
        "one role of several is enough",
        "if all(role in caller.roles for role in required):",
        "if not required or any(role in caller.roles for role in required):",
    ),
    _admission(
        "only the first requirement counts",
        "    for requirement in operation.security:\n        for required",
        "    for requirement in operation.security[:1]:\n        for required",
    ),
    _admission(
        "one credential of two is enough",
        "if not requirement.keys() <= self.sent:",
        "if not requirement.keys() & self.sent:",
    ),
    _admission(
        "bad credentials are anonymous",
        "if {} in operation.security and not security_context.attempted:",
        "if {} in operation.security:",
    ),
    _admission("401 for a missing role", "return Refusal(403,", "return Refusal(401,"),
    # Routing.
    _routing("405 is 404", "return Refusal(405,", "return Refusal(404,"),
    _routing("HEAD is no GET", '(methods.get("GET") if method == "HEAD" else None)', "None"),
    _routing("HEAD has a body", 'b"" if scope["method"] == "HEAD" else body', "body"),
    _routing(
        "an undeclared status is sent",
        "if encoded[0] not in self.permitted.get(type(response), ()):\n                    self.raise_",
        "if encoded[0] < 0:\n                    self.raise_",
    ),
    _routing("Allow leaves HEAD out", '*(["HEAD"] if "GET" in methods else [])', "*[]"),
    # The document.
    _reading("positions are off by one line", "return mark.line + 1,", "return mark.line,"),
    # Drift.
    _folder(
        "a changed file is not noticed", "elif path.read_bytes() != content:", "elif not path.read_bytes():"
    ),
    _folder(
        "a file too many is not noticed",
        'found |= {str(path.relative_to(out)): "extra" for path in extra}',
        "del extra",
    ),
    # diff.
    _changes(
        "the directions are swapped",
        "Effect.WIDENED if self is Way.REQUEST else Effect.NARROWED",
        "Effect.NARROWED if self is Way.REQUEST else Effect.WIDENED",
    ),
    _changes(
        "callbacks go the same way",
        "return Way.RESPONSE if self is Way.REQUEST else Way.REQUEST",
        "return self",
    ),
    _diff_parameters(
        "a parameter that is gone is not reported",
        'pair.gone(f"the {where} parameter {name} is gone", before[key])',
        "pass",
    ),
    _diff_bodies(
        "a required body is a widening",
        "effect = Effect.NARROWED if after else Effect.WIDENED",
        "effect = Effect.WIDENED",
    ),
    _diff_security(
        "security is not compared", "if not any(_is_met(other, each) for other in after):", "if not after:"
    ),
    _diff_security(
        "a scheme's scopes are not compared",
        "name in credentials and roles <= credentials[name]",
        "name in credentials",
    ),
    # lint, mock.
    _lint("lint is silent about 401", 'needed["401"] = "credentials can be missing or invalid"', "pass"),
    _lint(
        "lint is silent about names",
        "if name is not None and not _USUAL.fullmatch(name):",
        "if name is not None and not name:",
    ),
    _mock_values(
        "the mock takes an invalid example",
        "return self._validator(_reference(pointer)).is_valid(value)",
        "return True",
    ),
    _mock_values(
        "the mock makes an invalid value",
        "if text not in seen and validator.is_valid(value):",
        "if text not in seen:",
    ),
]
