"""Tests of the WorkerPool protocol."""
