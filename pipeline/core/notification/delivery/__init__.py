"""How messages reach their channels: lines, retries, merging after an outage, reports about channels."""
