"""How Beam's `RunInference` looks at pictures."""

from collections.abc import Sequence

from apache_beam.ml.inference.base import ModelHandler

from emo_tf.beam.analyzer_settings import AnalyzerSettings
from emo_tf.beam.shard_work import ShardResults, ShardWork
from emo_tf.beam.shared_analyzer import SharedAnalyzer
from emo_tf.beam.stop import check_stop


class ShardHandler(ModelHandler[ShardWork, ShardResults, SharedAnalyzer]):
    """Opens one analyzer a process for `RunInference` and gives it whole shards.

    A shard is one example: its pictures go through the networks together, and it can be written,
    and counts as finished, while others are still at work. Beam would make batches of pictures
    too, but bring those of a shard together only once all shards are analysed.

    Args:
        settings: Those of the analyzer.

    Example:
        >>> results = works | RunInference(ShardHandler(AnalyzerSettings(min_face=30)))
    """

    def __init__(self, settings: AnalyzerSettings):
        super().__init__(min_batch_size=1, max_batch_size=1)
        self._settings = settings

    def load_model(self) -> SharedAnalyzer:
        return SharedAnalyzer(self._settings)

    def run_inference(
        self,
        batch: Sequence[ShardWork],
        model: SharedAnalyzer,
        inference_args: dict[str, object] | None = None,
    ) -> list[ShardResults]:
        results = []
        for work in batch:
            check_stop()
            results.append(model.analyze(work))
        return results

    def get_num_bytes(self, batch: Sequence[ShardWork]) -> int:
        return sum(len(file.key) for work in batch for file in work.files)

    def get_metrics_namespace(self) -> str:
        return "emo_tf"
