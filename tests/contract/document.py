"""The contract as tests read it: the YAML itself, never what is generated from it."""

from pathlib import Path

from contractgen_runtime.testing.contract import Contract

PATH = Path(__file__).resolve().parents[2] / "openapi" / "openapi.yaml"
CONTRACT = Contract(PATH)
DOCUMENT = CONTRACT.document
#: By operationId, in the order of the document.
OPERATIONS = CONTRACT.operations
resolve = CONTRACT.resolve
