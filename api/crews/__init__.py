"""Crews: the organisation tree, people and how they sign in, crews, shifts and devices."""
