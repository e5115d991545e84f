"""Judges articles: topics, facts, countries and places together, and the examples of the rules."""
