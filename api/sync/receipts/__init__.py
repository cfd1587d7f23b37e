"""Receipts kept for ever: old operations packed, found wherever they lie, and proven whole."""
