"""What the server and the handheld must agree on: shapes and rules; no I/O, no clock."""
