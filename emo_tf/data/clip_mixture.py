"""Clips for training from several sources, drawn by class or shuffled."""

import contextlib
from collections.abc import Iterator, Sequence

import numpy as np
import tensorflow as tf

from emo_tf.data.clip_changes import ClipChanges
from emo_tf.data.clip_sampling import DrawnClips, draw_with_replacement, shuffle_all
from emo_tf.data.clip_source import ClipSource
from emo_tf.data.example_reader import batched
from emo_tf.data.sharing import Share
from emo_tf.data.step_batches import StepBatches, places_of, sizes_of
from emo_tf.errors import EmoError


class ClipMixture(ClipChanges, StepBatches):
    """Clips of several sources in batches, as `Clips` gives those of one.

    With `steps` an epoch is so many batches of clips that are drawn with replacement: first the
    source, then an expression of those that it has, then one of its clips. Without, it is every
    clip of all sources once, shuffled. Either is a function of the seed, the epoch and the step
    alone, and every worker reads its own rows alone.

    Args:
        sources: What clips are drawn from, all of the same inputs.
        shares: How likely each source is, in proportion; evenly by default.
        batch_size: Clips in a batch of all replicas of all workers together.
        steps: Batches of an epoch, `None` for every clip once.
        neutral_share: Probability of neutral, where there is some; the other expressions that the
            source has are equally likely. `None` draws all clips of a source alike.
        share: Which part of each batch this process reads, by default all.

    Attributes:
        sources: As given.
        inputs: Of the sources.
        split: Names of the sources, for messages.
        count: Clips of all sources.

    Raises:
        EmoError: There is no source or nothing in one, their inputs differ, or the arguments do
            not fit one another.

    Example:
        >>> stills = [Clips(affectnet, "train", **options), Clips(raf_db, "train", **options)]
        >>> ClipMixture(stills, shares=(0.8, 0.2), batch_size=4, steps=10_000, neutral_share=0.33)
    """

    def __init__(
        self,
        sources: Sequence[ClipSource],
        *,
        shares: Sequence[float] | None = None,
        batch_size: int,
        steps: int | None = None,
        neutral_share: float | None = None,
        share: Share | None = None,
    ):
        super().__init__(batch_size=batch_size, share=share or Share())
        self.sources = tuple(sources)
        if not self.sources:
            raise EmoError("sources: expected at least one. Received: none")
        self.inputs = self.sources[0].inputs
        for source in self.sources:
            if source.inputs != self.inputs:
                raise EmoError(
                    f"{source.name}: expected clips as of {self.sources[0].name}, {self.inputs}. "
                    f"Received: {source.inputs}"
                )
            if not source.count:
                raise EmoError(
                    f"{source.name}: expected clips with one of the seven expressions. "
                    "Received: none"
                )
        self.split = " + ".join(source.name for source in self.sources)
        self.count = sum(source.count for source in self.sources)
        self._steps, self._neutral_share = steps, neutral_share
        self._shares = (1.0,) * len(self.sources) if shares is None else tuple(shares)
        self._check(shares)

    def step_sizes(self, *, drop_remainder: bool) -> list[int]:
        if self._steps is not None:
            return [self._batch_size] * self._steps
        return self.full_steps(self.count, noun="clips", drop_remainder=drop_remainder)

    def read(
        self, steps: range, rows: list[list[range]], *, order: tuple[int, int]
    ) -> tf.data.Dataset:
        drawn = self._drawn(order)
        positions = places_of([step * self._batch_size for step in steps], rows)
        which = drawn.sources[positions]
        own = [positions[which == place] for place in range(len(self.sources))]
        clips = [
            source.chosen(drawn.places[at], drawn.lots[at])
            for source, at in zip(self.sources, own, strict=True)
        ]
        turns = tf.data.Dataset.from_tensor_slices(which)
        in_turn = tf.data.Dataset.choose_from_datasets(clips, turns, stop_on_empty_dataset=False)
        return batched(in_turn, sizes_of(rows))

    @contextlib.contextmanager
    def errors_named(self) -> Iterator[None]:
        with contextlib.ExitStack() as stack:
            for source in self.sources:
                stack.enter_context(source.errors_named())
            yield

    def _drawn(self, order: tuple[int, int]) -> DrawnClips:
        if self._steps is None:
            return shuffle_all([source.count for source in self.sources], order=order)
        return draw_with_replacement(
            [source.labels() for source in self.sources],
            count=self._steps * self._batch_size,
            shares=self._shares,
            neutral_share=self._neutral_share,
            order=order,
        )

    def _check(self, shares: Sequence[float] | None) -> None:
        if self._steps is None and (shares is not None or self._neutral_share is not None):
            raise EmoError(
                "steps: expected a number where clips are drawn by shares. Received: None with "
                f"shares={shares}, neutral_share={self._neutral_share}"
            )
        if self._steps is not None and self._steps < 1:
            raise EmoError(f"steps: expected at least 1. Received: {self._steps}")
        if len(self._shares) != len(self.sources) or not np.all(np.array(self._shares) > 0):
            raise EmoError(
                f"shares: expected {len(self.sources)} numbers above 0, one a source. "
                f"Received: {self._shares}"
            )
        if self._neutral_share is not None and not 0 <= self._neutral_share <= 1:
            raise EmoError(f"neutral_share: expected 0 to 1. Received: {self._neutral_share}")
