"""Decides when a feed, a host or a delayed item is next due."""
