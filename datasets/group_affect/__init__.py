"""The Group Affect Database as a TFDS data set: see `README.md`."""
