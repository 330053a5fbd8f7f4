"""Read files to values with source positions, join them, follow references, check the structure."""
