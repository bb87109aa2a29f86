"""RAF-DB as a TFDS data set: see `README.md`."""
