"""Tests of pipeline/discovery."""
