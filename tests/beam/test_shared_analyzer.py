import json
import shutil
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from emo_tf.beam.analyzer_settings import AnalyzerSettings
from emo_tf.beam.shard_work import ShardWork
from emo_tf.beam.shared_analyzer import SharedAnalyzer
from emo_tf.beam.source_file import SourceFile
from emo_tf.runtime.analyzer import Analyzer
from emo_tf.runtime.image_io import write_image


@pytest.fixture(scope="module")
def shared():
    return SharedAnalyzer(AnalyzerSettings())


def lines(content):
    return [json.loads(line) for line in content.decode().splitlines()]


def without_timings(result):
    return {name: value for name, value in result.items() if name != "timings_ms"}


def test_a_shard_gives_lines_of_results_and_of_failures(shared, shelf, astronaut, photo, tmp_path):
    shutil.copy(astronaut, shelf / "far.png")
    write_image(tmp_path / "none.png", photo)
    (tmp_path / "broken.jpg").write_bytes(b"nope")
    names = [str(astronaut), str(tmp_path / "none.png"), "shelf://far.png"]
    bad = [str(tmp_path / "broken.jpg"), "shelf://gone.png"]
    refused = SourceFile("x/*.jpg", error="x/*.jpg: nothing there")
    files = [refused, *map(SourceFile, [*names, *bad])]

    found = shared.analyze(ShardWork.of(0, files))

    assert found.counts == {"pictures": 6, "faces": 2, "people": 0, "failed": 3}
    results = [without_timings(result) for result in lines(found.results)]
    sources = {"shelf://far.png": ("shelf://far.png", astronaut.read_bytes())}
    expected = Analyzer().analyze_many(sources.get(name, name) for name in sorted(names))
    assert results == [without_timings(result.to_dict()) for result in expected]
    failed = {failure["source"]: failure["error"] for failure in lines(found.failed)}
    assert failed.keys() == {"x/*.jpg", *bad}
    assert failed["x/*.jpg"] == "x/*.jpg: nothing there"
    assert "b'nope'" in failed[bad[0]]
    assert failed["shelf://gone.png"].startswith("shelf://gone.png: expected a picture file. Rec")


def test_a_picture_that_breaks_the_analysis_stands_alone_for_it(shared, astronaut, monkeypatch):
    whole = Analyzer.analyze_many

    def fragile(self, sources):
        for source in sources:
            if str(source) == "poison.png":
                raise ZeroDivisionError("by a picture")
            yield from whole(self, [source])

    monkeypatch.setattr(Analyzer, "analyze_many", fragile)
    files = map(SourceFile, [str(astronaut), "poison.png", "zzz.png"])
    found = shared.analyze(ShardWork.of(0, files))
    assert [result["source"] for result in lines(found.results)] == [str(astronaut)]
    poison, gone = lines(found.failed)
    assert poison["error"] == "poison.png: ZeroDivisionError: by a picture"
    assert "No such file" in gone["error"]


def test_threads_take_turns_and_get_what_one_alone_gets(shared, astronaut, shelf):
    portrait = np.asarray(__import__("PIL.Image").Image.open(astronaut).convert("RGB"))
    for number in range(6):
        write_image(shelf / f"{number}.png", portrait[: 300 + 20 * number])
    works = [ShardWork.of(n, [SourceFile(f"shelf://{n}.png")]) for n in range(6)]
    alone = [shared.analyze(work) for work in works]
    with ThreadPoolExecutor(6) as threads:
        together = list(threads.map(shared.analyze, works))
    for one, other in zip(alone, together, strict=True):
        (first,), (second,) = lines(one.results), lines(other.results)
        assert without_timings(first) == without_timings(second)
        assert first["faces"]


def test_a_name_that_is_no_utf8_is_written_as_json_reads_it(shared):
    name = "caf\udce9.jpg"
    (failure,) = lines(shared.analyze(ShardWork.of(0, [SourceFile(name)])).failed)
    assert failure["source"] == name
