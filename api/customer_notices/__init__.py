"""What customers are told by text message: which events, in which words, when, and how it went."""
