"""Topic rules and how an article is judged by them.

The order in which a rule becomes a match:

1. `rules`: what a valid rule is, as plain data; `read_rules` reads the files and reports every fault.
2. `terms`: how a term is written, and its parts: words, prefixes, stems, gaps, references to concepts.
3. `compile`: the terms of one language as look-up tables; `compiled` stores them as bytes.
4. `lexicon`: looks up each word of an article once. A rule set has two lexicons per language: one for the concepts of
   patterns, one for those that only the facts need.
5. `hits`: where each concept occurs; follows chains of concepts and applies exceptions on demand.
6. `patterns`: which patterns can be satisfied, and where their concepts meet.
7. `judge`: the score, which is the sum of the weights of satisfied patterns, and their words as evidence.

`explain` tries every pattern of a topic and says what was found and what is missing. core/facts and core/tagging use
the results.
"""
