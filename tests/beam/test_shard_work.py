from emo_tf.beam.shard_work import ShardWork
from emo_tf.beam.source_file import SourceFile

A, B = SourceFile("a.jpg", "1 1"), SourceFile("b.jpg", "2 2")


def test_pictures_are_sorted_and_one_that_was_found_twice_counts_once():
    assert ShardWork.of(3, [B, A, B]).files == (A, B)
    assert ShardWork.of(3, [B, A, B]).number == 3


def test_the_digest_is_that_of_the_pictures_in_any_order():
    assert ShardWork.of(0, [A, B]).sha256 == ShardWork.of(1, [B, A, A]).sha256


def test_the_digest_changes_with_pictures_their_stamps_and_their_errors():
    others = ([A], [A, SourceFile("b.jpg", "2 3")], [A, SourceFile("b.jpg", "2 2", "gone")], [])
    digests = {ShardWork.of(0, files).sha256 for files in ([A, B], *others)}
    assert len(digests) == 5


def test_a_name_that_is_no_utf8_has_a_digest():
    assert len(ShardWork.of(0, [SourceFile("caf\udce9.jpg", "", "caf\udce9")]).sha256) == 64
