"""What a developer's machine needs: protos, an embedded database, demo data, everything up."""
