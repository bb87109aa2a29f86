"""Weight files of other frameworks, read without those frameworks; nothing in a file is run."""
