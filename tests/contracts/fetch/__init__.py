"""Tests of the Fetch protocol, over real servers on loopback."""
