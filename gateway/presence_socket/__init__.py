"""The presence socket: the life of a page's WebSocket becomes presence at the tracking service.

docs/presence-socket.md is its contract with pages.
"""
