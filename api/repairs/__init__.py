"""Repairs: a report of trouble becomes an order on a crew's phone at once, and says why there."""
