"""Numbers, quantities and dates as they appear in running text."""
