"""Photos: what a file's bytes say, what they may be shown as, and which of them are alike."""
