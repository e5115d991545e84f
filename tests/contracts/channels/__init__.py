"""Tests of the Notify protocol, over every channel."""
