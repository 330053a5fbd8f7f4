"""What a contract lacks, or says against itself."""
