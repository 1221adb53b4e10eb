"""The presence socket: as long as a page's WebSocket lives, its user is present.

docs/presence-socket.md is the contract with the pages.
"""
