"""Verify that a package does what its contract says: generate, import, type-check, mount and compare it."""
