"""The REST server and its web page: models of a folder, answered for over HTTP."""
