"""The configuration folder and the environment, read and validated."""
