"""Everybody walks to every door and every object."""
