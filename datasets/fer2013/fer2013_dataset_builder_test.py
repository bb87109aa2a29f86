"""The builder under TFDS's own test case, on drawn pictures."""

import pytest
from tensorflow_datasets import testing

from emo_tf.data.miniature.fer2013 import write_fer2013

from . import fer2013_dataset_builder


class Fer2013Test(testing.DatasetBuilderTestCase):
    DATASET_CLASS = fer2013_dataset_builder.Builder
    SPLITS = {"train": 14, "public_test": 21, "private_test": 7}  # noqa: RUF012

    @pytest.fixture(autouse=True, scope="class")
    @classmethod
    def _draw_pictures(cls, tmp_path_factory):
        cls.EXAMPLE_DIR = write_fer2013(
            tmp_path_factory.mktemp("fer2013"), training=2, public_test=3, private_test=1
        )


if __name__ == "__main__":
    testing.test_main()
