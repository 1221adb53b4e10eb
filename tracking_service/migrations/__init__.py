"""The tracking history: the tables that this service alone writes."""
