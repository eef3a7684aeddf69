"""[groups]: whom a city asks people to say they are, beside what the form asks everybody."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from types import MappingProxyType

from safeaudit.contributors import MARK, STOP
from safeaudit.errors import ConfigError

OF_FORMS = re.compile(r"start|end|meta|data|who|walk|place|rating|more|photo|tell_.*|.*_levels")
"""What a phone's form calls its own parts: a question of that name would break it, or take the answers of another."""

_LEAST, _MOST = 2, 12


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnGroup:
    """[groups.NAME]: a question to the people who walk, such as how they hold their home.

    What they say is told of the whole city alone, never of a place or an area, and never to the public.

    Attributes
    ----------
    question
        What the form asks, in the words of the city.
    answers
        What can be said; another answer is left out.
    """

    question: str
    answers: tuple[str, ...]

    def __post_init__(self) -> None:
        plain = [answer_code(answer) for answer in self.answers]
        if not self.question.strip() or not _LEAST <= len(plain) <= _MOST or "" in plain or len({*plain}) < len(plain):
            message = f"a group has a question and {_LEAST} to {_MOST} answers that differ."
            raise ConfigError(message, hint='Write question = "..." and answers = ["owner", "tenant", "other"].')
        if any(sign.strip() in answer for answer in self.answers for sign in (MARK, STOP)):
            raise ConfigError("an answer holds no colon and no semicolon.", hint="Write it in other words.")


NO_GROUPS: MappingProxyType[str, OwnGroup] = MappingProxyType({})


def answer_code(answer: str) -> str:
    """Return an answer as a phone's form names it, and as answers are compared: in small letters, without blanks.

    Accents are of one spelling: what a Mac writes as a letter and its accent is the same.

    Examples
    --------
    >>> answer_code("No title "), answer_code("no_title")
    ('no_title', 'no_title')
    """
    return "_".join(unicodedata.normalize("NFC", answer.casefold()).replace("_", " ").split())
