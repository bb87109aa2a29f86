"""Verdicts on pictures of people: ensembles, networks of scene labels, measurement."""
