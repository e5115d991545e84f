"""Serves HTTP from this process: the health endpoints and metrics (pipeline/monitoring)."""
