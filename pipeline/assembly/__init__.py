"""Turns settings into backends, stages and a running pipeline."""
