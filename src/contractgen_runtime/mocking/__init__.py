"""Mocked responses for the operations of a service that have no handler yet; never in production."""
