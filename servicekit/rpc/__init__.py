"""gRPC: errors as status, authentication on every call, server life cycle."""
