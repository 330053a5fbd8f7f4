"""What clients would notice of a change between two contracts."""
