"""How far the annotators of an answers file agree with each other."""

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np

from emo_tf.annotation.answer import CANNOT_TELL, Answer, Skip
from emo_tf.annotation.answer_store import AnswerStore
from emo_tf.errors import EmoError
from emo_tf.labels import EMOTIC_AGES, EMOTIC_CATEGORIES, EMOTIC_GENDERS, VAD
from emo_tf.metrics.agreement import (
    deviation_between_annotators,
    difference_between_annotators,
    fleiss_kappa,
    kappa_interval,
    pairwise_agreement,
)
from emo_tf.metrics.average_precision import mean_over_categories
from emo_tf.metrics.rounding import rounded


@dataclass(frozen=True)
class ChoiceAgreement:
    """Agreement on one choice: whether a category applies, the gender or the age.

    Attributes:
        kappa: Fleiss' kappa; NaN where all annotators chose the same for everybody.
        interval: Ends of its 95 % interval over people; NaN likewise.
        agreement: Share of pairs of annotators of one person who chose the same.
        share: Of a category: share of answers that name it. Of the others: that tell.
    """

    kappa: float
    interval: tuple[float, float]
    agreement: float
    share: float


@dataclass(frozen=True)
class ScaleAgreement:
    """Agreement on one of the three dimensions, on its scale of 1 to 10.

    Attributes:
        deviation: Standard deviation between a person's annotators, mean over people.
        difference: Absolute difference of two annotators, mean over pairs and people.
    """

    deviation: float
    difference: float


@dataclass(frozen=True)
class Agreement:
    """How far annotators agree about the people whom two or more of them labelled.

    Attributes:
        people: How many people were labelled by how many annotators: `{1: 4, 3: 12}`.
        answers: How many people each annotator labelled.
        skips: Of how many people each annotator said that they cannot be judged; these count
            nowhere else.
        categories: Each of `EMOTIC_CATEGORIES`: chosen or not.
        gender: Of `EMOTIC_GENDERS` and "cannot tell".
        age: Of `EMOTIC_AGES` and "cannot tell".
        vad: Each of the three dimensions.
    """

    people: Mapping[int, int]
    answers: Mapping[str, int]
    skips: Mapping[str, int]
    categories: Mapping[str, ChoiceAgreement]
    gender: ChoiceAgreement
    age: ChoiceAgreement
    vad: Mapping[str, ScaleAgreement]

    @property
    def compared(self) -> int:
        """How many people two annotators or more labelled; every figure is of these."""
        return sum(people for annotators, people in self.people.items() if annotators >= 2)

    @property
    def defined(self) -> int:
        """Of how many categories kappa is defined: chosen by somebody, and not for everybody."""
        return sum(not math.isnan(one.kappa) for one in self.categories.values())

    @property
    def mean_kappa(self) -> float:
        """Mean of kappa over the categories where it is defined, else NaN."""
        return mean_over_categories(np.array([one.kappa for one in self.categories.values()]))

    def to_dict(self) -> dict:
        """Returns the figures for JSON; what is not defined is `None`."""
        return {
            "people": {str(annotators): people for annotators, people in self.people.items()},
            "compared": self.compared,
            "answers": dict(self.answers),
            "skips": dict(self.skips),
            "categories": {name: _choice_to_dict(one) for name, one in self.categories.items()},
            "mean_kappa": rounded(self.mean_kappa),
            "defined": self.defined,
            "gender": _choice_to_dict(self.gender),
            "age": _choice_to_dict(self.age),
            "vad": {
                name: {
                    "deviation": rounded(one.deviation),
                    "difference": rounded(one.difference),
                }
                for name, one in self.vad.items()
            },
        }


def agreement(store: AnswerStore) -> Agreement:
    """Returns how far the annotators agree, by the latest answer of each about each person.

    Args:
        store: The answers file.

    Raises:
        EmoError: Nobody was labelled by two annotators.
    """
    saved = sorted(store.answers(), key=lambda one: one.person_id)
    answers, skips = Counter(), Counter()
    for one in saved:
        (skips if isinstance(one.answer, Skip) else answers)[one.annotator] += 1
    labelled = [one for one in saved if isinstance(one.answer, Answer)]
    people = [
        [one.answer for one in of_person]
        for _, of_person in groupby(labelled, key=lambda one: one.person_id)
    ]
    by_annotators = Counter(map(len, people))
    compared = [answers_of for answers_of in people if len(answers_of) >= 2]
    if not compared:
        raise EmoError(
            "agreement: expected people whom two annotators or more have labelled. "
            f"Received: {len(people):,} labelled by one, {skips.total():,} who cannot be judged"
        )
    ratings = [np.array([answer.vad for answer in of_person]) for of_person in compared]
    deviations = deviation_between_annotators(ratings)
    differences = difference_between_annotators(ratings)
    return Agreement(
        people=dict(sorted(by_annotators.items())),
        answers=dict(sorted(answers.items())),
        skips=dict(sorted(skips.items())),
        categories={
            name: _agreement_on(
                [[name in answer.categories for answer in of_person] for of_person in compared],
                choices=(True, False),
            )
            for name in EMOTIC_CATEGORIES
        },
        gender=_agreement_on(
            [[answer.gender for answer in of_person] for of_person in compared],
            choices=(*EMOTIC_GENDERS, CANNOT_TELL),
        ),
        age=_agreement_on(
            [[answer.age for answer in of_person] for of_person in compared],
            choices=(*EMOTIC_AGES, CANNOT_TELL),
        ),
        vad={
            name: ScaleAgreement(float(deviation), float(difference))
            for name, deviation, difference in zip(VAD, deviations, differences, strict=True)
        },
    )


def _agreement_on(
    chosen: Iterable[Sequence[object]], *, choices: Sequence[object]
) -> ChoiceAgreement:
    """Returns the agreement on a choice; the last of the choices is the one that tells nothing."""
    votes = np.array([[of_person.count(choice) for choice in choices] for of_person in chosen])
    return ChoiceAgreement(
        kappa=fleiss_kappa(votes),
        interval=kappa_interval(votes),
        agreement=pairwise_agreement(votes),
        share=float(votes[:, :-1].sum() / votes.sum()),
    )


def _choice_to_dict(one: ChoiceAgreement) -> dict:
    low, high = map(rounded, one.interval)
    return {
        "kappa": rounded(one.kappa),
        "low": low,
        "high": high,
        "agreement": rounded(one.agreement),
        "share": rounded(one.share),
    }
