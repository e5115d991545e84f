"""Makes an article of a fetched page and its feed item, or finds the reason why the page is not one."""
