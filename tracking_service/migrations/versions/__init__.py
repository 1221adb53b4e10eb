"""Revisions, in the order of their numbers. They go forward only: what they remove can't be made up again."""
