"""Waits for editors to close and then starts a command, which ends.

It is a program of its own so that what lives long can touch no chat: it imports nothing of chatcask, watches
editors' user-data folders themselves and nothing below them, and sleeps until the system wakes it.
"""
