"""Redirects inside pages and addresses."""
