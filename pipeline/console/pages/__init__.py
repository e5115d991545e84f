"""The pages, one module each: from a request to the state of a view, to data, to a template."""
