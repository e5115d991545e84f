"""The stages of the pipeline. Core decides; a stage carries that out through the protocols of ports.py."""
