"""Looks at addresses before they are polled: what feeds are there, and what they are like."""
