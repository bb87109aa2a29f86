"""Model cards, from what a model says about itself and the figures that were measured."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from emo_tf.export.class_tables import class_tables
from emo_tf.export.comparison import END_OF_STREAM, STREAM
from emo_tf.export.folder import PRECISIONS, largest_relative
from emo_tf.model_metadata import ArrayInput, ImageInput, ModelMetadata

_CARD = """# {title}

{description} {about}

| | |
|---|---|
{facts}

## Data
{data}

## Recipe
{recipe}

## Measured
{measured}

{table}
{stream}{slices}{details}
## Use
Intended: research on apparent emotion, sorting one's own pictures, tools where a person checks the
outcome. Works best {works_best}.

Not for: decisions about people in work, education, insurance, policing or migration; inferring
what somebody experiences, intends or suffers from; emotion recognition at the workplace or in
education, which the EU's AI Act forbids but for medical or safety reasons (Article 5(1)(f));
identifying people. Elsewhere the Act has people told who are exposed to it (Article 50(3)):
`ACCEPTABLE_USE.md` of emo_tf says more.

Known limits: {limits}.
"""


def model_card(report: Mapping, metadata: ModelMetadata) -> str:
    """Returns the model card of an export in Markdown.

    Args:
        report: What `report.json` holds.
        metadata: What the model says about itself.

    Reference:
        Mitchell et al. 2019, "Model cards for model reporting".
    """
    text = report["card"]
    return _CARD.format(
        title=text["title"],
        description=metadata.description,
        about=text["about"],
        facts="\n".join(f"| {name} | {value} |" for name, value in _facts(report, metadata)),
        data=text["data"],
        recipe=f"{text['recipe']}\n\n{text['note']}".rstrip(),
        measured=_measured(report),
        table=_files(report),
        stream=_stream(report),
        slices=_slices(report),
        details="".join(f"\n{part}\n" for part in _details(report)),
        works_best=text["works_best"],
        limits=text["limits"],
    )


def taken_first(measured: Mapping[str, Any]) -> tuple[str, Any]:
    """Returns which of an export's files `predict` takes first, and what is known of it.

    Args:
        measured: What is known by precision, and of the model as `keras`.
    """
    name = next(name for name in (*PRECISIONS, "keras") if name in measured)
    return name, measured[name]


def _facts(report: Mapping, metadata: ModelMetadata) -> Iterator[tuple[str, str]]:
    yield "Files", ", ".join(f"`{file['path']}`" for file in report["files"].values())
    yield "Version", f"{metadata.version}, written by emo_tf {report['emo_tf']}"
    for name, image in metadata.inputs.items():
        yield "Input", f"`{name}`: {_picture(image)}; normalisation is in the graph"
    for name, array in metadata.arrays.items():
        yield "Input", f"`{name}`: {_numbers(array)}"
    for name, sentence in metadata.outputs.items():
        yield "Output", f"`{name}`: {sentence}"
    if report["card"]["request"]:
        yield "Signature `serve_bytes`", report["card"]["request"]
    if metadata.labels:
        yield "Labels", ", ".join(metadata.labels)
    if metadata.temperature is not None:
        yield "Temperature", f"{metadata.temperature:.3f}, in the graph"
    yield "Network", f"{report['model']['parameters']:,} parameters"
    if metadata.crop:
        crop = ", ".join(f"{name} {value}" for name, value in metadata.crop.items())
        yield "From a photograph", f"{crop} (written into the files)"
    if metadata.detection:
        found = ", ".join(f"{name} {value:g}" for name, value in metadata.detection.items())
        yield "Faces looked for", f"{found} (written into the files)"
    yield "Licence", metadata.licence or "not stated: ask whoever trained it"


def _picture(image: ImageInput) -> str:
    text = f"uint8 {image.colour} pixels, (N, {_sides(image.shape)})"
    return text if image.faces is None else f"{text}, black where there are fewer faces"


def _numbers(array: ArrayInput) -> str:
    return f"float32, (N, {_sides(array.shape)}): {array.description}"


def _sides(shape: Sequence[int | None]) -> str:
    return ", ".join(str(side or "any") for side in shape)


def _measured(report: Mapping) -> str:
    examples, evaluation = report["examples"], report["evaluation"]
    if evaluation is None:
        what = f"On {examples['count']} examples ({examples['source']}), beside Keras alone"
    else:
        what = f"On {examples['count']:,} examples: {examples['source']}; {evaluation['use']}"
    return (
        f"{what}. The difference from Keras is the largest of any output, as a share of its "
        "largest value. Latency: the median of one example at a time, on the machine that made "
        "the export."
    )


def _files(report: Mapping) -> str:
    metrics = list(report["keras"]["metrics"])
    titles = [name.replace("_", " ") for name in metrics]
    columns = ["file", "size", *titles, "from Keras", "1 thread", "2 threads"]
    lines = [f"| {' | '.join(columns)} |", f"|{'---|' * len(columns)}"]
    rows = {"Keras": report["keras"]} | {f"`{f['path']}`": f for f in report["files"].values()}
    for name, file in rows.items():
        cells = [
            name,
            f"{file['bytes'] / 1e6:.2f} MB" if "bytes" in file else "",
            *(_number(file["metrics"][metric]) for metric in metrics),
            f"{largest_relative(file):.1e}" if "difference" in file else "",
            *(f"{ms['median']:.1f} ms" for ms in file.get("latency_ms", {}).values()),
        ]
        cells += [""] * (len(columns) - len(cells))
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def _stream(report: Mapping) -> str:
    """Returns a sentence on the files that took frame after frame, as a paragraph of its own."""
    frames = report["card"]["stream_frames"]
    if not frames:
        return ""
    parts = []
    for file in report["files"].values():
        found, *_ = file["difference"].values()
        whole, end = (found[name]["largest"] for name in (STREAM, END_OF_STREAM))
        parts.append(f"`{file['path']}` {whole:.1e}, {end:.1e}")
    return (
        f"\nOver a stream of {frames} frames, the states carried, the "
        "largest difference of a probability from the same form in Keras, and that in the last "
        f"tenth of the stream: {'; '.join(parts)}.\n"
    )


def _slices(report: Mapping) -> str:
    """Returns the primary metric of each slice by file, as a section of its own."""
    if not report["keras"]["slices"]:
        return ""
    primary = report["evaluation"]["primary"]
    rows = {"Keras": report["keras"]} | report["files"]
    lines = [
        "",
        f"{primary.replace('_', ' ').capitalize()} by slice:",
        "",
        f"| slice | examples | {' | '.join(rows)} |",
        f"|{'---|' * (len(rows) + 2)}",
    ]
    for name, part in report["keras"]["slices"].items():
        cells = [_number(row["slices"][name][primary]) for row in rows.values()]
        lines.append(f"| {name} | {part['examples']:,} | {' | '.join(cells)} |")
    return "\n".join([*lines, ""])


def _details(report: Mapping) -> Iterator[str]:
    """Yields tables of the file that `predict` takes first, each a section of its own."""
    name, figures = taken_first({"keras": report["keras"]} | report["files"])
    if "classes" in figures:
        yield class_tables(figures["classes"], file=f"`{figures.get('path', name)}`")
    if report["card"]["details"]:
        yield report["card"]["details"]


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.4f}"
