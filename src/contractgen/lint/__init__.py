"""Named rules over a contract: what it lacks, and what it says against itself."""
