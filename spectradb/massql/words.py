"""The words of a query: split off with the places where they stand, for errors that point there."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import NoReturn

from spectradb.errors import BadMassQL

_WORD = re.compile(
    r"\s*(?:(?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?(?![A-Za-z0-9_.]))|(?P<name>[A-Za-z_]\w*)|(?P<sign>[-+*/=<>(),:]))"
)


@dataclass(frozen=True)
class Word:
    """A word of a query.

    Parameters
    ----------
    kind : str
        ``number``, ``name``, ``sign`` or ``end``.
    text : str
        The word.
    start, end : int
        Where it stands in the text.
    """

    kind: str
    text: str
    start: int
    end: int

    @property
    def upper(self) -> str:
        """The word in capitals: keywords may be spelt in either case."""
        return self.text.upper()


class Words:
    """The words of a text, taken one after the other.

    Parameters
    ----------
    text : str
        The query. What stands behind ``#`` in a line is a comment.
    """

    def __init__(self, text: str) -> None:
        self.text = re.sub(r"#[^\n]*", lambda comment: " " * len(comment[0]), text)
        self._words = self._split()
        self._next = 0

    def _split(self) -> list[Word]:
        words, place = [], 0
        end = len(self.text.rstrip())
        while place < end:
            found = _WORD.match(self.text, place)
            if found is None or found.lastgroup is None:
                start = place + len(self.text[place:]) - len(self.text[place:].lstrip())
                self._fail(start, f"{self.text[start : start + 12].split()[0]!r} is no word of the language")
            kind = found.lastgroup
            words.append(Word(kind, found[kind], found.start(kind), found.end(kind)))
            place = found.end()
        words.append(Word("end", "", end, end))
        return words

    @property
    def word(self) -> Word:
        """The word that comes next."""
        return self._words[self._next]

    @property
    def following(self) -> Word:
        """The word behind that."""
        return self._words[min(self._next + 1, len(self._words) - 1)]

    def ahead(self) -> list[Word]:
        """List the words that are still to come.

        Returns
        -------
        list of Word
            They.
        """
        return self._words[self._next : -1]

    def take(self) -> Word:
        """Take the next word.

        Returns
        -------
        Word
            It.
        """
        word = self.word
        self._next = min(self._next + 1, len(self._words) - 1)
        return word

    def takes(self, *texts: str) -> bool:
        """Take the next word if it is one of some.

        Parameters
        ----------
        *texts : str
            Words in capitals, or signs.

        Returns
        -------
        bool
            Whether it was.
        """
        if self.word.kind != "end" and self.word.upper in texts:
            self.take()
            return True
        return False

    def expect(self, text: str, where: str) -> None:
        """Take the next word, which must be a certain one.

        Parameters
        ----------
        text : str
            The word in capitals, or a sign.
        where : str
            Behind what, for the message.
        """
        if not self.takes(text):
            self.fail(f"{text!r} is missing {where}")

    def between(self, first: Word) -> str:
        """Return the text from a word to the last that was taken.

        Parameters
        ----------
        first : Word
            The first word.

        Returns
        -------
        str
            The text, its white space as single blanks.
        """
        return " ".join(self.text[first.start : self._words[self._next - 1].end].split())

    def fail(self, what: str, word: Word | None = None) -> NoReturn:
        """Refuse the query.

        Parameters
        ----------
        what : str
            What is wrong.
        word : Word, optional
            Where; default: the word that comes next.

        Raises
        ------
        BadMassQL
            Always.
        """
        self._fail((word or self.word).start, what)

    def _fail(self, place: int, what: str) -> NoReturn:
        line = self.text.count("\n", 0, place) + 1
        column = place - (self.text.rfind("\n", 0, place) + 1) + 1
        at = self.text[place:].split("\n")[0][:24].strip()
        beside = f"at {at!r}" if at else "at its end"
        msg = f"MassQL, line {line}, column {column}, {beside}: {what}"
        raise BadMassQL(msg)
