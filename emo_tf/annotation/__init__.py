"""Labels made by hand: a local web page, the file that holds its answers, EMOTIC's layout out."""
