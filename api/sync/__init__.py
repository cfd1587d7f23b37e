"""Sync: operations in, outcomes and changes out, in one round trip."""
