"""A contract of other habits than the project's own: pages by number, ids of three kinds, nested lists."""

from typing import Any

JSON = "application/json"


def _body(schema: Any) -> dict[str, Any]:
    return {"required": True, "content": {JSON: {"schema": schema}}}


def _sends(schema: Any, example: Any = None, **more: Any) -> dict[str, Any]:
    content: dict[str, Any] = {"schema": schema}
    if example is not None:
        content["example"] = example
    return {"description": "Done.", "content": {JSON: content}, **more}


def _ref(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}


def _object(*required: str, **properties: Any) -> dict[str, Any]:
    return {
        "type": "object",
        "required": list(required),
        "properties": properties,
        "additionalProperties": False,
    }


def _in_path(name: str, kind: str = "string") -> dict[str, Any]:
    return {"name": name, "in": "path", "required": True, "schema": {"type": kind}}


def _query(name: str, **schema: Any) -> dict[str, Any]:
    return {"name": name, "in": "query", "schema": schema}


_TEXT = {"type": "string", "maxLength": 40}
_NUMBER = {"type": "integer", "minimum": 0}
_GONE = {"204": {"description": "Gone."}, "404": {"description": "Not found."}}
CHAIR: dict[str, Any] = {
    "sku": "CH-01",
    "name": "Chair",
    "color": "red",
    "price": 40,
    "tags": ["wood"],
    "size": {"w": 40, "h": 90},
}
ORDER = {
    "orderId": 17,
    "status": "open",
    "note": "Ring twice.",
    "createdAt": "2026-01-01T09:00:00Z",
    "updatedAt": "2026-01-01T09:00:00Z",
    "version": 3,
    "self": "https://shop.example.com/orders/17",
}
LINE = {"id": "3f0c9a34-6f6b-4b8e-9a57-0c1d2e3f4a5b", "orderId": 17, "sku": "CH-01", "count": 1}
_STATUS = {"enum": ["open", "paid"]}
_TIME = {"type": "string", "format": "date-time"}
_SCHEMAS = {
    "Product": _object(
        "sku",
        "name",
        "price",
        sku={"type": "string", "pattern": "^[A-Z]{2}-[0-9]{2}$"},
        name=_TEXT,
        color=_TEXT,
        price=_NUMBER,
        tags={"type": "array", "items": _TEXT},
        size=_object(w=_NUMBER, h=_NUMBER),
        cost={"type": "integer", "writeOnly": True},
    ),
    "Order": _object(
        "orderId",
        "status",
        orderId={"type": "integer", "readOnly": True},
        status=_STATUS,
        note={"type": ["string", "null"], "maxLength": 40},
        createdAt={**_TIME, "readOnly": True},
        updatedAt={**_TIME, "readOnly": True},
        version={"type": "integer", "readOnly": True},
        self={"type": "string", "format": "uri", "readOnly": True},
    ),
    "NewOrder": _object("status", status=_STATUS, note=_TEXT),
    "Line": _object(
        "id",
        "orderId",
        id={"type": "string", "format": "uuid"},
        orderId={"type": "integer"},
        sku=_TEXT,
        count=_NUMBER,
    ),
    "NewLine": _object("sku", sku=_TEXT, count={**_NUMBER, "default": 1}),
    "Settings": _object("language", language=_TEXT, theme=_TEXT),
}
_ORDER_PAGE = _object(
    "orders",
    "total",
    orders={"type": "array", "items": _ref("Order")},
    total=_NUMBER,
    page=_NUMBER,
    next_page={"type": ["integer", "null"]},
)
_LOCATION = {"Location": {"required": True, "schema": {"type": "string", "format": "uri-reference"}}}
SHOP: dict[str, Any] = {
    "openapi": "3.1.0",
    "info": {"title": "Shop", "version": "1"},
    "servers": [{"url": "https://shop.example.com/v1"}],
    "paths": {
        "/products": {
            "get": {
                "parameters": [
                    _query("offset", type="integer", default=0),
                    _query("limit", type="integer", default=10, minimum=1, maximum=100),
                    _query("color", type="string"),
                    _query("tags", type="array", items={"type": "string"}),
                ],
                "responses": {"200": _sends({"type": "array", "items": _ref("Product")}, [CHAIR])},
            },
            "post": {
                "requestBody": _body(_ref("Product")),
                "responses": {"201": _sends(_ref("Product"), CHAIR)},
            },
        },
        "/products/{sku}": {
            "parameters": [_in_path("sku")],
            "get": {"responses": {"200": _sends(_ref("Product"), CHAIR), "404": _GONE["404"]}},
            "put": {"requestBody": _body(_ref("Product")), "responses": {"204": {"description": "Done."}}},
            "patch": {
                "requestBody": _body({"type": "object", "additionalProperties": True}),
                "responses": {"200": _sends(_ref("Product"), CHAIR)},
            },
            "delete": {"responses": _GONE},
        },
        "/orders": {
            "get": {
                "parameters": [
                    _query("page", type="integer", default=1, minimum=1),
                    _query("per_page", type="integer", default=2, minimum=1),
                    _query("status", **_STATUS),
                ],
                "responses": {
                    "200": _sends(_ORDER_PAGE, {"orders": [ORDER], "total": 1, "page": 1, "next_page": None})
                },
            },
            "post": {
                "requestBody": _body(_ref("NewOrder")),
                "responses": {"201": {"description": "Created.", "headers": _LOCATION}},
            },
        },
        "/orders/{orderId}": {
            "parameters": [_in_path("orderId", "integer")],
            "get": {
                "responses": {
                    "200": _sends(_object("data", data=_ref("Order")), {"data": ORDER}),
                    "404": _GONE["404"],
                }
            },
            "patch": {
                "requestBody": _body(_object(status=_STATUS, note={"type": ["string", "null"]})),
                "responses": {"200": _sends(_object("data", data=_ref("Order")), {"data": ORDER})},
            },
            "delete": {"responses": _GONE},
        },
        "/orders/{orderId}/pay": {
            "parameters": [_in_path("orderId", "integer")],
            "post": {
                "responses": {
                    "200": _sends(_object("data", data=_ref("Order")), {"data": {**ORDER, "status": "paid"}}),
                    "404": _GONE["404"],
                }
            },
        },
        "/orders/{orderId}/lines": {
            "parameters": [_in_path("orderId", "integer")],
            "get": {"responses": {"200": _sends({"type": "array", "items": _ref("Line")}, [LINE])}},
            "post": {"requestBody": _body(_ref("NewLine")), "responses": {"201": _sends(_ref("Line"), LINE)}},
        },
        "/orders/{orderId}/lines/{lineId}": {
            "parameters": [_in_path("orderId", "integer"), _in_path("lineId")],
            "get": {"responses": {"200": _sends(_ref("Line"), LINE), "404": _GONE["404"]}},
            "delete": {"responses": _GONE},
        },
        "/settings": {
            "get": {"responses": {"200": _sends(_ref("Settings"), {"language": "en", "theme": "dark"})}},
            "put": {"requestBody": _body(_ref("Settings")), "responses": {"200": _sends(_ref("Settings"))}},
        },
    },
    "components": {"schemas": _SCHEMAS},
}
