"""Topic rules and how an article is judged by them."""
