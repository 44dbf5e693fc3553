"""Checks for editors: reading grade, wording, and what `make knowledge` prints.

Nothing here is imported by the reader: bot and desk run without textstat.
"""
