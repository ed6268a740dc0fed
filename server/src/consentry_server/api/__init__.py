"""The HTTP API of projects, and the addresses from which files are downloaded."""
