"""The tests, in rings by folder."""
