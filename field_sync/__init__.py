"""The handheld: a toolkit that works without signal and syncs without loss."""
