"""Compare two contracts and report the changes that clients would notice."""
