"""Countries and places that a text mentions."""
