"""Settings of an experiment changed from the command line: `--set optimizer.learning_rate=1e-3`."""

import dataclasses
import inspect
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar, get_args, get_origin, get_type_hints

from emo_tf.errors import EmoError, in_place, unknown_name
from emo_tf.models.registry import MODELS
from emo_tf.training.typed_text import read_as

Experiment = TypeVar("Experiment")


@dataclass(frozen=True)
class _Setting:
    """Something that can be set.

    Attributes:
        kind: Its annotation.
        field: Path of the field that holds it.
        key: Its key there, if the field is a mapping of which it is a part.
    """

    kind: object
    field: str
    key: str | None = None


def apply_overrides(experiment: Experiment, assignments: Sequence[str]) -> Experiment:
    """Returns an experiment with some of its settings changed.

    A setting is named by the path of its field: `optimizer.learning_rate`; one key of a mapping by
    its own name after that: `optimizer.rates.scene_backbone`. Where a dataclass has the fields
    `model` and `model_arguments`, `model` is the name of a registered model and `model.units` is an
    argument of the function that builds it. The experiment's own `name` stays.

    Args:
        experiment: A frozen dataclass, whose fields may be such dataclasses.
        assignments: `path=value` each; `typed_text.read_as` says how values are written. Their
            order does not matter.

    Raises:
        EmoError: There is no such setting or model, and close matches are listed; a value is not
            of the type that the field or the model's function is annotated with; a path is given
            twice; or a dataclass does not take the values together.
    """
    texts = _texts(assignments)
    if not texts:
        return experiment
    settings = _settings(experiment, "", texts)
    fields: dict[str, object] = {}
    parts: dict[str, dict[str, object]] = {}
    for path, text in texts.items():
        setting = _found(path, text, settings)
        with in_place(f"--set {path}"):
            value = read_as(text, setting.kind)
        if setting.key is None:
            fields[setting.field] = value
        else:
            parts.setdefault(setting.field, {})[setting.key] = value
    return _rebuilt(experiment, "", texts, fields=fields, parts=parts)


def _texts(assignments: Sequence[str]) -> dict[str, str]:
    """Returns the values as they were typed, by path."""
    texts: dict[str, str] = {}
    for assignment in assignments:
        path, equals, text = (part.strip() for part in assignment.partition("="))
        if not (path and equals):
            raise EmoError(f"--set: expected NAME=VALUE. Received: {assignment!r}")
        if path in texts:
            raise EmoError(f"--set {path}: expected it once. Received: {texts[path]!r}, {text!r}")
        if path == "name":
            raise EmoError(f"--set name: expected any setting but the name. Received: {text!r}")
        texts[path] = text
    return texts


def _settings(node: object, prefix: str, texts: Mapping[str, str]) -> dict[str, _Setting]:
    """Returns all that can be set in a dataclass and those inside it, by path."""
    settings = {}
    hints = get_type_hints(type(node))
    names = [field.name for field in dataclasses.fields(node) if field.init]
    for name in names:
        path, value = f"{prefix}{name}", getattr(node, name)
        if dataclasses.is_dataclass(value):
            settings |= _settings(value, f"{path}.", texts)
        elif name == "model_arguments" and "model" in names:
            settings |= _model_settings(node, prefix, texts)
        elif path != "name":
            settings[path] = _Setting(hints[name], path)
    return settings


def _model_settings(node: object, prefix: str, texts: Mapping[str, str]) -> dict[str, _Setting]:
    """Returns the arguments of the model that a dataclass names, or that it is to name."""
    path = f"{prefix}model"
    if path in texts:
        with in_place(f"--set {path}"):
            builder = MODELS.get(texts[path])
    else:
        builder = MODELS.get(node.model)
    known = {
        name: object if parameter.annotation is parameter.empty else parameter.annotation
        for name, parameter in inspect.signature(builder, eval_str=True).parameters.items()
        if parameter.kind not in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD)
    }
    foreign = [name for name in node.model_arguments if name not in known]
    if path in texts and foreign:
        raise EmoError(
            f"--set {path}: expected a model with the argument{'s' * (len(foreign) > 1)} "
            f"{', '.join(foreign)}, which the experiment sets. Received: {texts[path]!r}"
        )
    return {
        f"{path}.{name}": _Setting(kind, f"{prefix}model_arguments", name)
        for name, kind in known.items()
    }


def _found(path: str, text: str, settings: Mapping[str, _Setting]) -> _Setting:
    if path in settings:
        return settings[path]
    for field, setting in settings.items():
        # Not one inside another: that is set as a whole.
        mapping = setting.key is None and get_origin(setting.kind) in (dict, Mapping)
        if mapping and path.startswith(f"{field}.") and path != f"{field}.":
            return _Setting(get_args(setting.kind)[1], field, path.removeprefix(f"{field}."))
    inside = [known for known in settings if known.startswith(f"{path}.")]
    if inside:
        raise EmoError(f"--set {path}: expected one of {', '.join(inside)}. Received: {text!r}")
    raise unknown_name("setting", path, settings)


def _rebuilt(
    node: object,
    prefix: str,
    texts: Mapping[str, str],
    *,
    fields: Mapping[str, object],
    parts: Mapping[str, Mapping[str, object]],
) -> object:
    """Returns a dataclass with the values of `fields` and, in its mappings, those of `parts`."""
    changes = {}
    for field in dataclasses.fields(node):
        path, value = f"{prefix}{field.name}", getattr(node, field.name)
        if dataclasses.is_dataclass(value):
            new = _rebuilt(value, f"{path}.", texts, fields=fields, parts=parts)
        else:
            new = fields.get(path, value)
        if path in parts:
            new = {**new, **parts[path]}
        if new is not value:
            changes[field.name] = new
    if not changes:
        return node
    # All at once: one value may be allowed only together with another.
    causes = [f"--set {path}={text}" for path, text in texts.items() if path.startswith(prefix)]
    with in_place(" ".join(causes)):
        return dataclasses.replace(node, **changes)
