"""Tests of pipeline/assembly."""
