"""Tests of several stages together."""
