"""Stand-ins for tests of whatever is built on this toolkit: a clock, a network and a server.

They stand where the world stands: everything of ours between them is the real thing.
"""
