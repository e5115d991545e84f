"""A fetched page and its feed item to an article, or the reason why it is none."""
