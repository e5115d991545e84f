"""From a fetched page and its feed item to an article, or the reason why the page is not one."""
