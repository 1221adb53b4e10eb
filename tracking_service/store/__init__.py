"""The tracking service's tables: all of its SQL, named, one file per table.

Functions take the connection of the caller's transaction. Rows are locked and written in the order of their keys, so
that replicas do not deadlock. Instants travel as microseconds since the epoch.
"""
