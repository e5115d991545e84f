"""Tests of the Channel protocol, over every channel."""
