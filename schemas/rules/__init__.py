"""The rules both ends share: pure functions over plain values, no I/O, no clock, no chance."""
