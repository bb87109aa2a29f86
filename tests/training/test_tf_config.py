import json

import pytest

from emo_tf.errors import EmoError
from emo_tf.training.tf_config import read_tf_config


def config(cluster: object, job: object = "worker", index: object = 0) -> str:
    return json.dumps({"cluster": cluster, "task": {"type": job, "index": index}})


def test_worker_0_is_the_first_where_no_chief_is_named():
    workers = read_tf_config(config({"worker": ["one:1000", "two:1000"]}, index=1))
    assert [str(worker) for worker in workers.everyone] == [
        "worker 0 (one:1000)",
        "worker 1 (two:1000)",
    ]
    assert workers.me == 1
    assert [worker.host for worker in workers.others] == ["one"]


def test_a_chief_that_is_named_stands_before_the_workers():
    cluster = {"worker": ["one:1000", "two:1000"], "chief": ["[::1]:1000"]}
    workers = read_tf_config(config(cluster, index=1))
    assert workers.me == 2
    assert str(workers.everyone[0]) == "chief 0 ([::1]:1000)"
    assert workers.everyone[0].host == "::1"
    assert read_tf_config(config(cluster, "chief")).me == 0


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (None, "expected such as {"),
        ("worker", "expected JSON such as"),
        ("[" * 10_000, "expected JSON such as"),
        ("[]", "expected an object such as"),
        ('{"task": {}}', 'expected "cluster" with the addresses of its workers. Received: null'),
        (config([]), 'expected "cluster" with the addresses of its workers. Received: []'),
        (config({"worker": []}), "expected a list of addresses as cluster.worker. Received: []"),
        (config({"worker": "one:1"}), "expected a list of addresses as cluster.worker."),
        (
            config({"worker": ["one:1"], "ps": ["two:1"]}),
            "expected worker and chief alone in its cluster. Received: ps",
        ),
        (config({"chief": ["one:1", "two:1"]}), 'expected one chief. Received: ["one:1", "two:1"]'),
        (
            config({"worker": ["one"]}),
            'expected host:port as the address of worker 0. Received: "',
        ),
        (config({"worker": ["one:"]}), "expected host:port"),
        (config({"worker": ["one:70000"]}), "expected host:port"),
        (config({"worker": [8]}), "expected host:port as the address of worker 0. Received: 8"),
        (config({"worker": ["one:1", "one:1"]}), "expected every address once. Received: one:1 tw"),
        (
            '{"cluster": {"worker": ["one:1"]}}',
            'expected "task" with the type and the index of this process. Received: null',
        ),
        (
            config({"worker": ["one:1"]}, "ps"),
            'expected worker or chief as task.type. Received: "ps"',
        ),
        (
            config({"worker": ["one:1"]}, "chief"),
            "expected its task.type among the jobs of its cluster, worker. Received: chief",
        ),
        (
            config({"worker": ["one:1", "two:1"]}, index=2),
            "expected 0 to 1 as task.index of a worker. Received: 2",
        ),
        (config({"worker": ["one:1"]}, index="0"), 'task.index of a worker. Received: "0"'),
        (config({"worker": ["one:1"]}, index=True), "task.index of a worker. Received: true"),
    ],
)
def test_any_other_tf_config_is_an_error_that_names_what_is_wrong(text, message):
    with pytest.raises(EmoError) as caught:
        read_tf_config(text)
    assert str(caught.value).startswith("TF_CONFIG: expected ")
    assert message in str(caught.value)
