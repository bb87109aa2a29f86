"""Training on one device or many, from an experiment to a run's folder."""
