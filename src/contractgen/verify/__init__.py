"""Whether a package does what its contract says: generated, imported, type-checked, mounted, and compared."""
