"""Check-ins: a crew says that it has arrived; the fix says how surely."""
