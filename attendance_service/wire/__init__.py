"""Between the proto's messages and the domain's values; nothing else touches attendance.proto's types."""
