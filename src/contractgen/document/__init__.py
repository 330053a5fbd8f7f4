"""Text to values with positions: files read and joined, references followed, structure checked."""
