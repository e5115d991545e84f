"""Repairs what was lost on the log: the state of relate, and streams that were deleted."""
