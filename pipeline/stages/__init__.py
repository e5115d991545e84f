"""The stages of the pipeline: each does through ports what core decides."""
