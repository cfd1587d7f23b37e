"""Meters found otherwise than the route says, and what the office makes of them."""
