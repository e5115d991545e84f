"""Which messages are made of alerts, and when: grouping, triggers, limits, quiet hours, digests, mutes."""
