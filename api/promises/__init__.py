"""Promises: what was said to customers, the clocks that watch it, and what follows a breach."""
