"""The plan: what is generated from a document, as values."""
