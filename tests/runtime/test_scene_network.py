import itertools
import math

import numpy as np
import pytest

from emo_tf.errors import EmoError
from emo_tf.runtime.scene_network import SceneNetwork

LABELS = ("grass", "team")
LABEL_PROBABILITIES = np.array([[0.1, 0.2, 0.4], [0.3, 0.05, 0.6]])
FACE_PROBABILITIES = np.array([[0.7, 0.2, 0.1], [0.3, 0.5, 0.2], [0.1, 0.1, 0.8]])
PRIOR = np.array([0.5, 0.3, 0.2])

SOFT = (0.2, 0.5, 0.3)
EVIDENCE_OF_LABELS = [None, (), ("grass",), ("team",), ("grass", "team")]
EVIDENCE_OF_FACES = [None, (1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0), SOFT]


def network(**changes) -> SceneNetwork:
    tables = {
        "labels": LABELS,
        "label_probabilities": LABEL_PROBABILITIES,
        "face_probabilities": FACE_PROBABILITIES,
        "prior": PRIOR,
    }
    return SceneNetwork(**tables | changes)


def posterior_by_hand(labels, faces, *, temper, absent, hard_faces) -> list[float]:
    """Returns Bayes' rule as it is written, one factor after another."""
    joint = []
    for emotion in range(3):
        product = PRIOR[emotion]
        if labels is not None:
            for index, label in enumerate(LABELS):
                present = LABEL_PROBABILITIES[index][emotion]
                if label in labels:
                    product *= present**temper
                elif absent:
                    product *= (1 - present) ** temper
        if faces is not None:
            if hard_faces:
                faces = [float(value == max(faces)) for value in faces]
            product *= sum(faces[f] * FACE_PROBABILITIES[emotion][f] for f in range(3))
        joint.append(product)
    return [value / sum(joint) for value in joint]


@pytest.mark.parametrize("hard_faces", [False, True], ids=["soft", "hard"])
@pytest.mark.parametrize("absent", [False, True], ids=["present labels", "absent ones too"])
@pytest.mark.parametrize("temper", [1.0, 0.25])
def test_the_posterior_is_bayes_rule_on_every_combination_of_evidence(temper, absent, hard_faces):
    settings = {"temper": temper, "absent": absent, "hard_faces": hard_faces}
    evidence = list(itertools.product(EVIDENCE_OF_LABELS, EVIDENCE_OF_FACES))
    found = network(**settings).infer(
        [labels for labels, _ in evidence],
        np.array([(math.nan,) * 3 if faces is None else faces for _, faces in evidence]),
    )
    by_hand = [posterior_by_hand(labels, faces, **settings) for labels, faces in evidence]
    np.testing.assert_allclose(found, by_hand, rtol=1e-12)


def test_one_posterior_worked_out_with_a_pencil():
    # 0.5 * 0.3 * 0.2, 0.3 * 0.05 * 0.5 and 0.2 * 0.6 * 0.1, of 0.0495.
    found = network().infer([("team",)], [[0.0, 1.0, 0.0]])
    np.testing.assert_allclose(found, [[0.03 / 0.0495, 0.0075 / 0.0495, 0.012 / 0.0495]])


def test_without_labels_for_all_only_the_faces_count():
    faces = np.array([SOFT, (math.nan,) * 3])
    np.testing.assert_allclose(network().infer(None, faces), network().infer([None, None], faces))
    np.testing.assert_allclose(network().infer(None, faces)[1], PRIOR)


def test_without_faces_for_all_only_the_labels_count():
    labels = [("team",), None]
    faces = np.full((2, 3), math.nan)
    np.testing.assert_allclose(network().infer(labels), network().infer(labels, faces))
    np.testing.assert_allclose(network().infer(labels)[1], PRIOR)


def test_without_any_evidence_there_is_the_prior_in_one_row():
    np.testing.assert_allclose(network().infer(), [PRIOR])


def test_no_picture_gives_no_row():
    assert network().infer([], np.empty((0, 3))).shape == (0, 3)


def test_the_prior_is_uniform_unless_given():
    uniform = SceneNetwork(LABELS, LABEL_PROBABILITIES, FACE_PROBABILITIES)
    np.testing.assert_allclose(uniform.infer(), [[1 / 3, 1 / 3, 1 / 3]])


def test_a_certain_verdict_is_the_same_evidence_soft_and_hard():
    faces = np.eye(3)
    np.testing.assert_allclose(
        network().infer(None, faces), network(hard_faces=True).infer(None, faces)
    )


def test_soft_evidence_in_doubt_says_less_than_its_top_class():
    soft = network().infer(None, [SOFT])
    hard = network(hard_faces=True).infer(None, [SOFT])
    np.testing.assert_allclose(hard, network().infer(None, [[0.0, 1.0, 0.0]]))
    assert soft[0, 1] < hard[0, 1]


def test_a_lower_temper_brings_the_labels_nearer_to_the_prior():
    labels = [("grass", "team")]
    distances = [
        np.abs(network(temper=temper).infer(labels) - PRIOR).sum() for temper in (1, 0.5, 0.1)
    ]
    assert distances[0] > distances[1] > distances[2] > 0


@pytest.mark.parametrize("absent", [False, True], ids=["present labels", "absent ones too"])
def test_unknown_labels_and_repeated_ones_change_nothing(absent):
    both = network(absent=absent).infer([("team",), ("team", "dragon", "team")])
    np.testing.assert_array_equal(both[0], both[1])


def test_many_labels_do_not_underflow():
    count = 5000
    many = SceneNetwork(
        tuple(map(str, range(count))),
        np.full((count, 3), [0.001, 0.002, 0.003]),
        np.eye(3) * 0.7 + 0.1,
    )
    np.testing.assert_allclose(many.infer([many.labels]), [[0, 0, 1]], atol=1e-12)


def test_unknown_labels_are_told():
    assert network().unknown(["team", "dragon", "grass", "tower"]) == {"dragon", "tower"}


@pytest.mark.parametrize(
    ("count", "taken"),
    [
        pytest.param(20, True, id="a tenth is known"),
        pytest.param(21, False, id="less than a tenth is known"),
    ],
)
def test_a_labeller_of_which_less_than_a_tenth_is_known_is_refused(count, taken):
    vocabulary = [*LABELS, *map(str, range(count - 2))]
    if taken:
        network().check_vocabulary(vocabulary, source="labels.json")
    else:
        with pytest.raises(EmoError, match=r"labels\.json: expected .* Received: 2 of 21 known"):
            network().check_vocabulary(vocabulary, source="labels.json")


def test_a_labeller_that_saw_nothing_is_not_refused():
    network().check_vocabulary((), source="labels.json")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        pytest.param(
            {"labels": ("team",)}, r"label_probabilities: expected shape \(1, 3\)", id="L"
        ),
        pytest.param(
            {"labels": ("a", "a")}, "labels: expected at least one, each once", id="twice"
        ),
        pytest.param(
            {"labels": (), "label_probabilities": np.empty((0, 3))},
            "labels: expected at least one",
            id="no label",
        ),
        pytest.param(
            {"label_probabilities": LABEL_PROBABILITIES * 0}, "above 0 and below 1", id="zeros"
        ),
        pytest.param(
            {"label_probabilities": LABEL_PROBABILITIES * math.nan}, "above 0", id="no numbers"
        ),
        pytest.param({"face_probabilities": np.full((3, 2), 0.5)}, "face_prob.* shape", id="3 x 2"),
        pytest.param(
            {"face_probabilities": FACE_PROBABILITIES.T}, "face_prob.* add up to 1", id="columns"
        ),
        pytest.param({"face_probabilities": np.eye(3)}, "face_prob.* above 0", id="certain faces"),
        pytest.param({"prior": np.array([0.5, 0.5])}, "prior: expected shape", id="two classes"),
        pytest.param({"prior": np.array([0.5, 0.3, 0.1])}, "prior: .* add up to 1", id="sum"),
        pytest.param({"temper": 0.0}, "temper: expected above 0", id="temper of 0"),
        pytest.param({"temper": 1.5}, "temper: .* Received: 1.5", id="temper above 1"),
        pytest.param({"temper": math.nan}, "temper: .* Received: nan", id="temper no number"),
    ],
)
def test_tables_out_of_range_are_refused(changes, message):
    with pytest.raises(EmoError, match=message):
        network(**changes)


@pytest.mark.parametrize(
    "faces",
    [
        pytest.param([SOFT], id="fewer than labels"),
        pytest.param([(0.5, 0.5)] * 2, id="two classes"),
        pytest.param([SOFT, (0.5, 0.5, 0.5)], id="above 1"),
        pytest.param([SOFT, (-0.5, 0.5, 1.0)], id="negative"),
        pytest.param([SOFT, (math.nan, 0.5, 0.5)], id="half a row"),
        pytest.param([SOFT, (math.inf, 0.5, 0.5)], id="infinite"),
    ],
)
def test_faces_that_are_no_distributions_are_refused(faces):
    with pytest.raises(EmoError, match="faces: expected"):
        network().infer([("team",), None], np.array(faces))
