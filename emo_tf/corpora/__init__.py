"""What the TFDS builders of the corpora share; loads neither TensorFlow nor the runtime."""
