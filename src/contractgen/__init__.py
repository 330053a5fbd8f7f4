"""contractgen: writes Pydantic models and typed, compiled FastAPI routes from an OpenAPI document."""

__version__ = "0.3.0"
