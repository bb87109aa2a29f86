"""Keras layers of the package's own."""
