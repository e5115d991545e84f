"""Which of many queries a document matches: each query is compiled to sets of terms, and compared with a document's."""
