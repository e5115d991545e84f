"""All input and output, behind the protocols of pipeline/ports.py. No backend imports another."""
