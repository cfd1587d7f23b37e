"""Pages: stretches of an audience's feed, joined and compressed once, and given out as they are.

A page is true as of its making.
What changed later has a higher number and follows it, in a later page or in the tail of entries,
so whoever applies changes in the order of their numbers ends with what is true now
(see docs/decisions/0008-pages-and-a-tail.md).
"""
