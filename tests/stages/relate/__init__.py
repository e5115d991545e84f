"""Tests of the stage that relates articles to those already known."""
