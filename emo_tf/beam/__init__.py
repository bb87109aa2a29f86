"""Pictures by the million: the analysis of photos as an Apache Beam pipeline.

Here alone is Apache Beam imported for inference; the extra `beam` brings it.
"""
