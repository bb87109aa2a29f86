"""What a model looked at: class activation maps, attention over faces, checks of both."""
