"""Readings and routes as files: in from other systems, and out to them."""
