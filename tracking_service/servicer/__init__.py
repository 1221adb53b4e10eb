"""The gRPC methods: read the request, call the use case, return the response."""
