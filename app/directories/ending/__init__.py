"""What has a last day (certificates, permits) and who is told of it ahead."""
