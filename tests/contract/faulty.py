"""A small Pressroom in memory, correct or with one fault, for the laws of tests/contract/laws.py to find."""

from dataclasses import dataclass, field
from itertools import count
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

AUTHORS = ["ann", "bob"]


@dataclass
class Service:
    """Posts and accounts by their ids, in their order; `fault` names what is wrong."""

    fault: str = ""
    posts: dict[str, dict[str, Any]] = field(default_factory=dict)
    users: dict[str, dict[str, Any]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._versions = count(1)
        for number in range(1, 8):
            self._post(str(number), title=f"Title {number}", author_id=AUTHORS[number % 2])
            self._user(str(number), email=f"u{number}@example.com", role=["user", "admin"][number % 2])
        self.app = Starlette(
            routes=[
                Route("/api/v1/posts", self.list_posts, methods=["GET"]),
                Route("/api/v1/posts", self.create_post, methods=["POST"]),
                Route("/api/v1/posts/{id}", self.get_post, methods=["GET"]),
                Route("/api/v1/posts/{id}", self.update_post, methods=["PATCH"]),
                Route("/api/v1/users", self.list_users, methods=["GET"]),
                Route("/api/v1/users/{id}", self.get_user, methods=["GET"]),
                Route("/api/v1/auth/register", self.register, methods=["POST"]),
                Route("/api/v1/auth/login", self.login, methods=["POST"]),
            ]
        )

    def _post(self, key: str, **values: Any) -> dict[str, Any]:
        self.posts[key] = {"id": key, **values, "version": str(next(self._versions))}
        return self.posts[key]

    def _user(self, key: str, **values: Any) -> dict[str, Any]:
        usual = {"full_name": f"Name {key}", "is_active": key not in "27"}
        self.users[key] = {"id": key, **usual, **values, "version": str(next(self._versions))}
        return self.users[key]

    def _shown(self, thing: dict[str, Any], status: int = 200, **headers: str) -> Response:
        version = "other" if self.fault == "etag" else thing["version"]
        return JSONResponse(thing, status, {"etag": f'"{version}"', **headers})

    async def list_posts(self, request: Request) -> Response:
        query = request.query_params
        found = list(self.posts.values())
        if "author_id" in query and self.fault != "author":
            found = [each for each in found if each["author_id"] == query["author_id"]]
        start, limit = int(query.get("cursor", 0)), int(query.get("limit", 20))
        if self.fault == "left out" and start:
            start += 1
        if self.fault == "twice" and start:
            start -= 1
        end = start + limit + (self.fault == "limit")
        ends = end >= len(found) or (self.fault == "early" and start > 0)
        return JSONResponse({"items": found[start:end], "next_cursor": None if ends else str(end)})

    async def create_post(self, request: Request) -> Response:
        made = self._post(str(len(self.posts) + 1), author_id="ann", **await request.json())
        where = {"location": "1", "location none": "none"}.get(self.fault, made["id"])
        shown = self._shown(dict(made), 201, location=f"/api/v1/posts/{where}")
        if self.fault == "location version":
            made["version"] = "0"
        return shown

    async def get_post(self, request: Request) -> Response:
        found = self.posts.get(request.path_params["id"])
        return self._shown(found) if found else JSONResponse({}, 404)

    async def update_post(self, request: Request) -> Response:
        old, sent = self.posts[request.path_params["id"]], await request.json()
        if self.fault == "no change":
            return self._shown(old)
        changed = old | sent | {"version": str(next(self._versions))}
        if self.fault == "same version":
            changed["version"] = old["version"]
        if self.fault != "not stored":
            self.posts[old["id"]] = changed
        return self._shown(changed)

    async def list_users(self, request: Request) -> Response:
        query, found = request.query_params, list(self.users.values())
        if "role" in query and self.fault != "role":
            found = [each for each in found if each["role"] == query["role"]]
        if "is_active" in query and self.fault != "is_active":
            wanted = query["is_active"] == "true"
            found = [each for each in found if each["is_active"] is wanted]
        if self.fault == "inactive left out" and "is_active" in query:
            found = [each for each in found if each["is_active"]]
        if "q" in query and self.fault != "q":
            found = [each for each in found if query["q"].lower() in each["email"]]
        page, size, total = int(query.get("page", 1)), int(query.get("size", 20)), len(found)
        start = (page - 1) * size
        if self.fault == "page overlaps":
            start = max(0, start - 1)
        body = {"items": found[start : start + size], "total": total + (self.fault == "total")}
        body |= {"page": page, "size": size, "pages": -(-total // size) + (self.fault == "pages")}
        body |= {"has_next": page * size < total, "has_prev": page > 1 and total > 0}
        return JSONResponse(body | ({"has_next": True} if self.fault == "has_next" else {}))

    async def get_user(self, request: Request) -> Response:
        key = request.path_params["id"]
        if request.headers.get("authorization") != f"Bearer {key}":
            return JSONResponse({}, 403)
        return self._shown(self.users[key])

    async def register(self, request: Request) -> Response:
        sent = await request.json()
        made = self._user(str(len(self.users) + 1), email=sent["email"], role="user")
        where = "none" if self.fault == "location none" else made["id"]
        return self._shown(made, 201, location=f"/api/v1/users/{where}")

    async def login(self, request: Request) -> Response:
        email = (await request.json())["email"]
        token = next(key for key, each in self.users.items() if each["email"] == email)
        return JSONResponse({"access_token": token})
