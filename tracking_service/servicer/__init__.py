"""The gRPC edge: parse, call the use case, render."""
