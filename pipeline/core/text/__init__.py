"""Words, sentences, folding, stems and languages: the lowest layer of core, which imports nothing else of it."""
