"""What the log and the index say about the state of the pipeline, as plain data."""
