"""Appointments: a slot of a crew's calendar, promised to a customer."""
