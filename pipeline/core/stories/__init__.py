"""Versions, copies and stories: how a new article relates to those already known."""
