"""Evidence: files declared with their hash, and the bytes that follow when they can."""
