"""Apparent emotion from faces, bodies and scenes.

The public names are loaded when first asked for: importing `emo_tf` alone brings in neither
OpenCV, LiteRT nor TensorFlow.
"""

import importlib

_HOMES = {
    "Analyzer": "emo_tf.runtime.analyzer",
    "BoxedPhoto": "emo_tf.runtime.analyzer",
    "CategoryScore": "emo_tf.results",
    "EmoError": "emo_tf.errors",
    "Ensemble": "emo_tf.runtime.ensemble",
    "Expression": "emo_tf.results",
    "Face": "emo_tf.results",
    "FrameResult": "emo_tf.video_results",
    "Group": "emo_tf.results",
    "Person": "emo_tf.results",
    "PhotoResult": "emo_tf.results",
    "SceneLabels": "emo_tf.runtime.scene_labels",
    "SceneNetwork": "emo_tf.runtime.scene_network",
    "Segment": "emo_tf.video_results",
    "SegmentBuilder": "emo_tf.runtime.segments",
    "TrackedFace": "emo_tf.video_results",
    "Vad": "emo_tf.results",
    "VideoAnalyzer": "emo_tf.runtime.video_analyzer",
    "VideoFrame": "emo_tf.runtime.video_reader",
    "VideoReader": "emo_tf.runtime.video_reader",
}

__all__ = [
    "Analyzer",
    "BoxedPhoto",
    "CategoryScore",
    "EmoError",
    "Ensemble",
    "Expression",
    "Face",
    "FrameResult",
    "Group",
    "Person",
    "PhotoResult",
    "SceneLabels",
    "SceneNetwork",
    "Segment",
    "SegmentBuilder",
    "TrackedFace",
    "Vad",
    "VideoAnalyzer",
    "VideoFrame",
    "VideoReader",
    "__version__",
]


def __getattr__(name: str):
    if name == "__version__":
        from importlib.metadata import version

        return version("emo_tf")
    if name in _HOMES:
        return getattr(importlib.import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'emo_tf' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
