"""A contract that has what Pressroom's has not: OpenAPI 3.0, own errors, ranges, `default`, servers."""

CONTRACT = r"""
openapi: 3.0.3
info: {title: Shop, version: "1"}
servers:
- url: https://{region}.example.com/{version}
  variables:
    region: {default: eu}
    version: {default: v1, enum: [v1, v2]}
paths:
  /orders:
    get:
      operationId: list_orders
      tags: [orders]
      responses:
        200:
          description: A page.
          headers:
            X-Total: {required: true, schema: {type: integer, minimum: 0}}
            X-Tags: {schema: {type: array, items: {type: integer}}}
            X-Cost: {schema: {type: number, nullable: true}}
            X-Code: {schema: {anyOf: [{type: integer}, {type: string, maxLength: 2}], maximum: 5}}
            Set-Cookie: {schema: {type: string}}
          content:
            application/json; charset=utf-8:
              schema: {type: array, items: {$ref: '#/components/schemas/Order'}}
            text/*: {schema: {type: string, maxLength: 5}}
        4XX: {$ref: '#/components/responses/Failed'}
    post:
      operationId: create_order
      responses:
        "201":
          description: Made.
          content: {application/vnd.shop+json: {schema: {$ref: '#/components/schemas/Order'}}}
        default: {$ref: '#/components/responses/Failed'}
  /orders/{id}:
    get:
      responses:
        "200": {description: Nothing.}
    delete:
      operationId: delete_order
      responses:
        "204": {description: Gone.}
        "404": {description: Not there.}
  /{kind}/{id}:
    put:
      operationId: put_thing
      responses:
        "204": {description: Stored.}
    delete:
      operationId: delete_thing
      responses:
        "202": {description: Queued.}
  /orders/latest:
    get:
      operationId: latest_order
      responses:
        "101": {description: A WebSocket.}
        "204": {description: Nothing.}
  /orders#archive:
    post:
      operationId: archive_orders
      responses:
        "202": {description: Queued.}
  /carts?all:
    get:
      operationId: list_carts
      responses:
        "204": {description: None.}
  /unsaid:
    get: {operationId: unsaid, responses: {}}
  /socket:
    get: {operationId: socket, responses: {"101": {description: A WebSocket.}}}
  /absolute:
    servers: [{url: /other}]
    get:
      operationId: absolute
      responses:
        "200": {description: Bytes., content: {'*/*': {}}}
components:
  responses:
    Failed:
      description: Failed.
      content: {application/json: {schema: {$ref: '#/components/schemas/Error'}}}
  schemas:
    Error:
      type: object
      required: [code]
      properties: {code: {type: integer}}
    Order:
      type: object
      required: [sum, secret, note, day, kind]
      additionalProperties: false
      properties:
        sum: {type: number, minimum: 0, exclusiveMinimum: true}
        secret: {$ref: '#/components/schemas/Secret'}
        note: {type: string, nullable: true, example: {nullable: true, $ref: elsewhere.yaml}}
        day: {type: string, format: date, nullable: false, pattern: '^(?<year>2026)-'}
        kind: {nullable: true, enum: [on, 2026-01-01, 1:30]}
        next: {nullable: true, allOf: [{$ref: '#/components/schemas/Order'}]}
    Secret: {type: string, writeOnly: true}
"""
