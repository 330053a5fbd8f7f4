"""The run-time's tests use contracts and stand-ins as the generator's do."""

from tests.contractgen.conftest import library, mypy, serve_body

__all__ = ["library", "mypy", "serve_body"]
