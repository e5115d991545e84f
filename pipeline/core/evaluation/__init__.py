"""Labelled articles, and scores for topics and facts against their labels."""
