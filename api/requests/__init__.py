"""Service requests: complaints and what else a customer is owed an answer to, by when."""
