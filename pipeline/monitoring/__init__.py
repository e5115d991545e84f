"""Says how this process is: health endpoints, metrics, and the call that stops when something is wrong."""
