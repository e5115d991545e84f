"""Words, sentences, folding, stems, dates and languages: the lowest layer of core, which imports no other package of
it."""
