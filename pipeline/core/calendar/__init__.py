"""Quiet hours, digests and local days, in the time zone of the reader."""
