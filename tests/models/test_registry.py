import pytest

from emo_tf import models
from emo_tf.errors import EmoError
from emo_tf.models import registry


@pytest.fixture(autouse=True)
def registered(monkeypatch):
    """A registry of its own, with two builders that return what they were given."""
    monkeypatch.setattr(registry, "MODELS", registry.Registry("model"))
    for name in ("face_small", "face_large"):
        registry.register(name)(lambda name=name, **arguments: (name, arguments))


def test_a_name_builds_its_model_with_the_arguments():
    assert registry.create("face_large", width=8) == ("face_large", {"width": 8})


def test_names_are_listed_in_order_and_by_pattern():
    registry.register("body")(dict)
    assert registry.names() == ("body", "face_large", "face_small")
    assert registry.names("face_*") == ("face_large", "face_small")
    assert registry.names("face") == ()


def test_a_name_that_is_taken_is_an_error_and_keeps_its_model():
    with pytest.raises(EmoError, match=r"expected one not registered yet\. Received: 'face_small'"):
        registry.register("face_small")(dict)
    assert registry.create("face_small") == ("face_small", {})


def test_an_unknown_name_is_an_error_that_lists_close_matches():
    with pytest.raises(EmoError, match=r"Unknown model: did you mean face_small.*: 'face_smal'"):
        registry.create("face_smal")


def test_a_registered_function_can_still_be_called_by_its_own_name():
    @registry.register("sum")
    def add(*, left, right):
        return left + right

    assert add(left=1, right=2) == registry.create("sum", left=1, right=2) == 3


def test_importing_the_models_registers_them(monkeypatch):
    monkeypatch.undo()
    assert "expression_net" in models.names("expression*")
    assert {"context_fusion", "resnet18", "resnet34", "resnet50"} <= set(models.names())


def test_a_registry_keeps_entries_of_any_kind():
    sizes = registry.Registry("size")
    for name, entry in {"small": 8, "large": None, "medium": (1, 2)}.items():
        sizes.add(name, entry)
    assert sizes.get("medium") == (1, 2)
    assert sizes.get("large") is None
    assert sizes.names() == ("large", "medium", "small")
    assert sizes.names("*m*") == ("medium", "small")


def test_a_registry_says_what_it_holds_when_a_name_is_taken_or_unknown():
    sizes = registry.Registry("size")
    sizes.add("small", 8)
    with pytest.raises(EmoError, match=r"^size name: expected one not registered yet.*'small'$"):
        sizes.add("small", 9)
    with pytest.raises(EmoError, match=r"^Unknown size: did you mean small.*'smal'$"):
        sizes.get("smal")
    assert sizes.get("small") == 8


def test_registries_do_not_share_their_entries():
    registry.Registry("size").add("small", 8)
    assert registry.Registry("size").names() == ()
