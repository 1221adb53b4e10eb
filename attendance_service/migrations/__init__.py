"""The attendance history: the tables that this service alone writes, and those of the platform that it reads."""
