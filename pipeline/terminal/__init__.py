"""Output for people: progress lines, log lines and tables."""
