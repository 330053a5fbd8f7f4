"""Tests that every service from a contract shares.

Every response that a test receives is checked against the contract, every declared one must be seen, and
every operation has requests to send. Needs the extra `testing` of contractgen-runtime.
"""
