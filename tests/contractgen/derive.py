"""What a mounted application executes, as a table that can be compared with its contract.

`derived` reads only the objects that the routes run on; `declared` reads only the document.
"""

from typing import Any

from fastapi import FastAPI

from contractgen.runtime.responses import key_of

Table = dict[str, Any]

_ANNOTATIONS = {"title", "description", "examples", "example", "default", "$defs"}
# Formats that no model of pydantic checks: the compiled schema of the document itself does.
_LEFT_TO_THE_SCHEMA = {"email", "password", "uri-reference"}


def derived(app: FastAPI) -> Table:
    """Every operation of an application, from its routes' run-time tables."""
    operations = [route.operation for route in app.routes if hasattr(route, "operation")]
    return {f"{operation.method} {operation.path}": _operation(operation) for operation in operations}


def _operation(operation: Any) -> Table:
    body = operation.body
    return {
        "operationId": operation.operation_id,
        "tag": operation.tag,
        "security": [{name: list(roles) for name, roles in each.items()} for each in operation.security],
        "parameters": {f"{p.location} {p.name}": _parameter(p) for p in operation.parameters},
        "body": body and {"required": body.required, "content": list(map(_body_content, body.contents))},
        "responses": {key_of(response): _response(response) for response in operation.responses},
    }


def _body_content(content: Any) -> Table:
    model = _model(content.model) if content.model else {}
    return {"type": content.media_type, "max_bytes": content.max_bytes, **model}


def _parameter(parameter: Any) -> Table:
    return {
        "required": parameter.required,
        "default": parameter.default,
        "schema": _schema_of(parameter.convert),
    }


def _schema_of(converter: Any) -> Table:
    """The schema that a converter enforces."""
    match type(converter).__name__:
        case "Integer":
            bounds = {"minimum": converter.minimum, "maximum": converter.maximum}
            return {"type": "integer"} | {name: bound for name, bound in bounds.items() if bound is not None}
        case "Uuid":
            return {"type": "string", "format": "uuid"}
        case "Choice":
            return {"type": "string", "enum": list(converter.choices)}
    assert type(converter).__name__ == "Text"
    pattern = converter.pattern and converter.pattern.removesuffix(r"\Z")
    given = {"minLength": converter.min_length or None, "maxLength": converter.max_length}
    given["pattern"] = pattern and (pattern + "$" if converter.pattern.endswith(r"\Z") else pattern)
    return {"type": "string"} | {name: bound for name, bound in given.items() if bound is not None}


def _response(response: Any) -> Table:
    return {
        "types": list(response.media_types),
        "headers": dict(response.header_names),
        **(_model(response.model) if response.model else {}),
    }


def _model(model: Any) -> Table:
    schema = model.model_json_schema()
    return {"model": model.__name__, "schema": _normal(schema, schema)}


def declared(document: dict[str, Any]) -> Table:
    """Every operation of a document, as the document has it."""
    return {
        f"{method.upper()} {path}": _declared_operation(document, item, operation)
        for path, item in document["paths"].items()
        for method, operation in item.items()
        if method != "parameters"
    }


def _declared_operation(document: Any, item: Any, operation: Any) -> Table:
    parameters = [
        _follow(document, p) for p in [*item.get("parameters", []), *operation.get("parameters", [])]
    ]
    body = _follow(document, operation.get("requestBody"))
    return {
        "operationId": operation["operationId"],
        "tag": operation["tags"][0],
        "security": operation.get("security", document.get("security", [])),
        "parameters": {f"{p['in']} {p['name']}": _declared_parameter(document, p) for p in parameters},
        "body": body and _declared_body(document, body),
        "responses": {
            status: _declared_response(document, r) for status, r in operation["responses"].items()
        },
    }


def _declared_parameter(document: Any, parameter: Any) -> Table:
    return {
        "required": parameter.get("required", False),
        "default": _follow(document, parameter["schema"]).get("default"),
        "schema": _normal(document, parameter["schema"]),
    }


def _declared_body(document: Any, body: Any) -> Table:
    size = body.get("x-max-body-bytes", 65_536)
    contents = [
        {**_content(document, {"content": {media_type: content}}), "max_bytes": size}
        for media_type, content in body["content"].items()
    ]
    return {"required": body.get("required", False), "content": contents}


def _declared_response(document: Any, response: Any) -> Table:
    response = _follow(document, response)
    headers = {name: _follow(document, header) for name, header in response.get("headers", {}).items()}
    required = {name: header.get("required", False) for name, header in headers.items()}
    content = _content(document, response)
    del content["type"]
    return {**content, "types": list(response.get("content", {})), "headers": required}


def _content(document: Any, node: Any) -> Table:
    for media_type, content in node.get("content", {}).items():
        name = content["schema"]["$ref"].rsplit("/", 1)[1]
        return {"type": media_type, "model": name, "schema": _normal(document, content["schema"])}
    return {"type": None}


def _follow(root: Any, node: Any) -> Any:
    while isinstance(node, dict) and "$ref" in node:
        target = root
        for name in node["$ref"].removeprefix("#/").split("/"):
            target = target[name]
        node = target
    return node


def _normal(root: Any, node: Any) -> Any:
    """A schema without annotations and references, its null an alternative and its constant an enum."""
    node = _follow(root, node)
    if "anyOf" in node:
        (inner,) = [each for each in node["anyOf"] if each != {"type": "null"}]
        return {**_normal(root, inner), "nullable": True}
    schema = {name: value for name, value in node.items() if name not in _ANNOTATIONS}
    if isinstance(schema.get("type"), list):
        (kind,) = [kind for kind in schema["type"] if kind != "null"]
        schema |= {"type": kind, "nullable": True}
    if "const" in schema:
        schema["enum"] = [schema.pop("const")]
    if schema.get("format") in _LEFT_TO_THE_SCHEMA:
        del schema["format"]
    if "properties" in schema:
        schema["properties"] = {name: _normal(root, each) for name, each in schema["properties"].items()}
        schema["required"] = sorted(schema.get("required", []))
    if "items" in schema:
        schema["items"] = _normal(root, schema["items"])
    return schema
