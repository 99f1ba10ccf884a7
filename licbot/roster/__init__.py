"""Stored lists of users and their seats, for licensed systems with hundreds of thousands of them.

A plugin gives its tables the columns of ``columns``, and reads them with a ``Roster``.
"""
