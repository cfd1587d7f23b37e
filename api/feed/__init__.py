"""The feed: what changed for whom, numbered in the order of commits."""
