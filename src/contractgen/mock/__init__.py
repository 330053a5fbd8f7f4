"""A contract served before its service exists."""
