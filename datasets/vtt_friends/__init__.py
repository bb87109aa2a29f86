"""Friends, annotated for the Video Turing Test, as a TFDS data set: see `README.md`."""
