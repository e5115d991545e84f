"""Contract tests: each runs the same cases over every backend of a protocol."""
