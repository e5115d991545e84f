"""Decides what is sent when: grouping, triggers, limits, quiet hours, digests, retries."""
