"""Decodes the bytes of feeds and pages, whatever they say about themselves."""
