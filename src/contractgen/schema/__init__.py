"""What JSON Schema means: the only place that knows its keywords."""
