"""Reads articles from the state that a page carries for its scripts, for pages whose markup shows little or nothing."""
