"""Tests of the pure core; the packages mirror pipeline/core."""
