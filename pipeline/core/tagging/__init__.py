"""Judges articles (topics, facts, countries and places), and checks the examples of the rules."""
