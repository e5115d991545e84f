"""Quiet hours and the times of digests, in the time zone of a reader."""
