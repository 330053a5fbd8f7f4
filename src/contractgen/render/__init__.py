"""A plan as the files of a package."""
