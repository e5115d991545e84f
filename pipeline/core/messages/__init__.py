"""Says in words what a message reports, for each medium: text, Markdown, HTML, mail."""
