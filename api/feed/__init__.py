"""The feed: what changed for whom, numbered in the order of commits.

Importing any part of it starts the recorder, so that no synced row can change unseen.
"""

from api.feed import recorder

__all__ = ["recorder"]
