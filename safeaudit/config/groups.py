"""[groups]: whom a city asks people to say they are, beside what the form asks everybody."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType

from safeaudit.contributors import MARK, STOP
from safeaudit.errors import ConfigError

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
    """Return an answer as a phone's form names it: in small letters, without blanks. So are answers compared.

    Examples
    --------
    >>> answer_code("No title "), answer_code("no_title")
    ('no_title', 'no_title')
    """
    return "_".join(answer.casefold().replace("_", " ").split())
