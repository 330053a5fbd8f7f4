"""The meaning of JSON Schema: the only place that knows its keywords."""
