"""Other systems that record signs of life, each run as its own documentation advises and measured with its own tool."""
