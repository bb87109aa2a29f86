"""FER2013 as a TFDS data set: see `README.md`."""
