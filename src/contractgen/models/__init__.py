"""Pydantic models from schemas, by datamodel-code-generator."""
