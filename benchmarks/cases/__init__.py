"""One module per measurement, each with its goal beside the result."""
