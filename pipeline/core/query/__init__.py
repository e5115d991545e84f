"""The query language: parsing, matching against a document, and snippets."""
