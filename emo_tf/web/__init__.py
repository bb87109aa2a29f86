"""What servers of web pages share: where they listen, their files, answers and tokens."""
