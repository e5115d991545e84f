"""Alert rules: which of them an article fires, what was already sent, and what a message says."""
