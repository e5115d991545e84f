"""Runs CPU work in processes that may be killed."""

from pipeline.backends.worker_pool.pool import ProcessPool

__all__ = ["ProcessPool"]
