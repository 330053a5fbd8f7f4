"""A service from a contract: its files, and the examples that answer for operations without a handler."""
