"""Metrics as plain functions and as streaming Keras metrics."""
