"""Questions that no validator here decides, such as whether a text is an e-mail address: try both answers."""

from collections.abc import Iterator
from itertools import product

Question = tuple[str, str, str]
_MOST = 3


class Guesses:
    """The answers of one round of validation.

    A verdict stands when it is the same in every round: then the open questions do not matter.
    """

    def __init__(self) -> None:
        self._answers: dict[Question, bool] = {}

    def answer(self, question: Question) -> bool:
        return self._answers.setdefault(question, True)

    def rounds(self) -> Iterator[None]:
        """One round, and where a question came up one for each other combination of answers.

        None at all where questions are too many.
        """
        self._answers = {}
        yield
        asked = list(self._answers)
        if len(asked) > _MOST:
            raise RecursionError
        for answers in list(product((True, False), repeat=len(asked)))[1:]:
            self._answers = dict(zip(asked, answers, strict=True))
            yield
