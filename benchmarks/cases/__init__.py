"""One module per kind of measurement; each case returns its table and its goals."""
