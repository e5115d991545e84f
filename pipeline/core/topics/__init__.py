"""Topic rules and how an article is judged by them.

The order in which a rule becomes a match:

1. `rules`: what a valid rule is, as plain data; `read_rules` reads the files and reports every fault.
2. `terms`: how a term is written, and its parts: words, prefixes, stems, gaps, references to concepts.
3. `compile`: the terms of one language as look-up tables; `compiled` stores them as bytes.
4. `lexicon`: looks up each word of an article once. A rule set has two per language: one for what patterns ask for, one
   for the rest, which only the facts need.
5. `hits`: where each concept stands; chains of concepts are followed and exceptions removed when they are asked for.
6. `patterns`: which patterns can hold, and where their concepts meet.
7. `judge`: the sum of the weights of the patterns that hold, as a score, and their words as evidence.

`explain` tries every pattern of a topic and says what was found and what is missing. core/facts and core/tagging go on
from here.
"""
