"""Pure functions that decide: no I/O, no clock, no settings, no logging, nothing async.

Time and earlier state come in as arguments; frozen values go out. ARCHITECTURE.md lists the packages and their order.
"""
