"""What pages tell of networks and of Keras, against both."""

import ast
import re
from functools import reduce

import keras
import pytest

from emo_tf import models
from tests.pages import inline_codes, prose

PARAMETERS = {
    call: int(count.replace(",", ""))
    for task in ("emotic", "groups", "video")
    for count, call in re.findall(
        r"^\| ([\d,]{7,}) \|.*`(models\.create\(.+\))` \|$", prose(f"docs/{task}.md"), re.MULTILINE
    )
}
"""Parameters by the call that builds a network, as tables tell them."""


@pytest.mark.slow
@pytest.mark.parametrize("call", PARAMETERS)
def test_a_network_has_as_many_parameters_as_its_page_says(call):
    tree = ast.parse(call, mode="eval").body
    (name,) = (ast.literal_eval(argument) for argument in tree.args)
    arguments = {keyword.arg: ast.literal_eval(keyword.value) for keyword in tree.keywords}
    assert models.create(name, **arguments).count_params() == PARAMETERS[call]


def test_keras_has_what_stands_in_for_tensorflow_addons():
    names = [code for code in inline_codes("docs/tensorflow_addons.md") if code[:6] == "keras."]
    assert len(names) > 20
    for name in names:
        assert reduce(getattr, name.split(".")[1:], keras) is not None
