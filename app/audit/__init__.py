"""The event log: every verb leaves a typed event; batches are sealed into a Merkle log with signed heads
(R-21.2).
"""
