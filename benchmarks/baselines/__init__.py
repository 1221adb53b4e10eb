"""What the service is compared with: the transport alone, the database alone, the replaced system."""
