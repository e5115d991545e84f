"""Tests of the stage that polls feeds."""
