"""Fuzz with schemathesis: its configuration for a contract, and what its failures mean."""
