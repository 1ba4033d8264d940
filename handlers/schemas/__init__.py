"""Marshmallow schemas, one module per API family."""
