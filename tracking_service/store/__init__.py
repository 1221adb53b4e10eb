"""All SQL of the tracking service, by table.

Functions take the connection of the caller's transaction. Rows are locked and written in the order of their keys, so
that replicas do not deadlock. Instants are passed as microseconds since the epoch.
"""
