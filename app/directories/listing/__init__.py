"""The engine of the lists: columns, filters, saved views, keyset pages, the rows that an act is to take.

A directory declares a `Listing`; packages above add filters, columns and bulk acts to it.
"""
