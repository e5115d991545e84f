"""Tests of the stage that delivers alerts."""
