import logging

from emo_tf.corpora.report import LISTED, LeftOut, SplitReport, in_words


def test_all_are_counted_and_the_first_of_each_reason_listed():
    report = SplitReport()
    for number in range(LISTED + 5):
        report.leave_out(LeftOut("missing image", f"row {number}: image is missing"))
    report.leave_out(LeftOut("empty box", "row 7: box is empty"))

    assert report.left_out == {"missing image": LISTED + 5, "empty box": 1}
    assert len(report.listed["missing image"]) == LISTED
    assert report.listed["missing image"][-1] == f"row {LISTED - 1}: image is missing"
    assert report.listed["empty box"] == ["row 7: box is empty"]
    assert in_words(report.left_out) == f"missing image {LISTED + 5:,}, empty box 1"


def test_a_warning_says_what_was_left_out_and_silence_that_nothing_was(caplog):
    report = SplitReport()
    with caplog.at_level(logging.WARNING):
        report.warn("emotic", "val")
        report.leave_out(LeftOut("empty box", "row 7: box is empty"))
        report.warn("emotic", "train")

    assert [record.getMessage() for record in caplog.records] == [
        "emotic, train: left out: empty box 1"
    ]


def test_values_are_counted_by_what_they_are_values_of():
    report = SplitReport()
    report.count({"classes": "sad", "face_counts": "3"})
    report.count({"face_counts": "3"})

    assert report.counts == {"classes": {"sad": 1}, "face_counts": {"3": 2}}
