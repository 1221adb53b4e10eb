"""The REST API as an OpenAPI document, made of the protos, their comments, and examples."""
