"""Spreadsheets on their way into a directory: received, understood, compared, taken over, undone (R-11.1, R-14.1).

Kinds of rows register in `kinds`; `engine` compares them by batches; `services` are the acts on one file.
"""
