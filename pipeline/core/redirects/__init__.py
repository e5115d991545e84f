"""Redirects that HTTP does not show: inside pages, and in addresses that wrap another one."""
