import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.core.text.reading import read
from pipeline.core.text.sentences import LONGEST_SENTENCE, sentences
from pipeline.core.text.words import spans, words, written

UNITS = [
    "a",
    "Ab",
    "é",
    "国",
    "ไ",
    "हि",
    "😀",
    ". ",
    "!",
    "\n",
    " ",
    "_",
    "x" * 300,
    "y" * (LONGEST_SENTENCE + 100),
    "z " * 600,
]
TEXT = st.lists(st.sampled_from(UNITS), max_size=40).map("".join)


@settings(deadline=None)  # the first text loads the tables of folding
@given(TEXT, TEXT)
def test_words_of_sentences_are_the_words_of_the_text(title: str, text: str) -> None:
    reading = read(title, text)
    assert reading.written == written(title) + written(text)
    assert reading.words == words(title) + words(text)
    assert reading.places == spans(title) + spans(text)
    assert reading.split == len(spans(title))
    assert [n for s in reading.sentences for n in range(s.first, s.last)] == list(range(len(reading.words)))


@given(TEXT, TEXT)
def test_a_word_belongs_to_the_sentence_it_begins_in(title: str, text: str) -> None:
    reading = read(title, text)
    ends = {"title": [end for _, end in sentences(title)], "text": [end for _, end in sentences(text)]}
    for word, (start, _) in enumerate(reading.places):
        sentence = reading.sentences[reading.sentence_at(word)]
        assert sentence.field == ("title" if word < reading.split else "text")
        assert sentence.first <= word < sentence.last
        assert sentence.end == next(end for end in ends[sentence.field] if end > start)


@given(TEXT, TEXT)
def test_the_place_of_a_few_words_is_that_of_all(title: str, text: str) -> None:
    reading = read(title, text)
    for sentence in reading.sentences:
        for first, last in ((sentence.first, sentence.last), (sentence.last - 1, sentence.last)):
            assert reading.place(first, last) == (reading.places[first][0], reading.places[last - 1][1])


@given(TEXT, TEXT)
def test_words_and_gaps_make_up_a_field(title: str, text: str) -> None:
    reading = read(title, text)
    for word in range(1, len(reading.words) + 1):
        if word != reading.split:
            field, (_, end) = reading.field_of(word - 1), reading.places[word - 1]
            start = reading.places[word][0] if word < len(reading.words) else len(field)
            assert reading.gap(word) == field[end:start]


def test_a_word_longer_than_a_sentence() -> None:
    reading = read("", "one " + "x" * (3 * LONGEST_SENTENCE) + " two")
    assert reading.words == ["one", "", "two"]
    assert reading.places[1] == (4, 4 + 3 * LONGEST_SENTENCE)


@pytest.mark.parametrize(
    ("title", "share", "expected"),
    [
        ("Senate Lets Foreign Troops Into the Country", 0.7, True),
        ("Senate lets foreign troops of Peru in", 0.6, False),
        ("Peru Lets Troops from Chile enter", 0.6, True),
        ("Peru Lets Troops from Chile enter", 0.7, False),
    ],
)
def test_a_title_with_capitals_in_most_words(title: str, share: float, expected: bool) -> None:
    reading = read(title, "Senate Lets Foreign Troops In.")
    assert reading.is_capitalised_title(0, share) is expected
    assert not reading.is_capitalised_title(1, share)
