"""AffectNet as a TFDS data set: see `README.md`."""
