"""Peers on the same work in the same run: Kinto and PouchDB server, each installed by the bench.

They go into prefixes of their own under `build/bench/`, by hash, and speak their public HTTP API.
"""
