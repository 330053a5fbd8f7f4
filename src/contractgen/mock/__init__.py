"""Serve a contract before its service exists."""
