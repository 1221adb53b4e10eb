"""Between protobuf messages and domain values. Only this package and the servicers use the generated code."""
