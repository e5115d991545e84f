"""The streams of the log: names, partitions and keys, and the feeds kept on it."""
