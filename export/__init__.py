"""From a trained model to files that are judged, blessed and pushed."""
