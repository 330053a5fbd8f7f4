"""The run-time's tests use contracts and stand-ins as the generator's do."""

from tests.contractgen.conftest import library, mypy, mypy_cache, serve_body

__all__ = ["library", "mypy", "mypy_cache", "serve_body"]
