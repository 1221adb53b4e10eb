"""How events get in: streams and unary calls, and the one queue through which all are committed."""
