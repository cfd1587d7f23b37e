"""Checking a bundle: needs its file and nothing else, neither a server nor a server's packages."""
