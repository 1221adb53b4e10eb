"""Certificates from files, and what gRPC and TLS of Python need of them (docs/tls.md)."""
