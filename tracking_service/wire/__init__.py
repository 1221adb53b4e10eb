"""Between protobuf messages and domain values; nothing else touches the generated code but the servicers."""
