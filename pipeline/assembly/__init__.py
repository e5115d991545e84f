"""Wiring: turns settings into backends, stages and a running pipeline."""
