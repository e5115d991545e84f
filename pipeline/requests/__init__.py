"""What people ask of the stages, for commands and the console alike: checked, then published with an audit entry.

The owning stage does what was asked, within seconds while it runs, else when it next starts.
"""
