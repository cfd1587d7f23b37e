"""Real clients of tus, which the tests run as processes of their own."""
