import pipeline  # noqa: F401  before any test imports numpy: sets its threads
