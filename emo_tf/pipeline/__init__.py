"""From raw data to a served model in steps, each run again only where its inputs have changed.

Every step is a command of `emo-tf`, run as a process of its own; nothing of what it does is
repeated here, and TensorFlow is not imported.
"""
