"""Chats as documents for people.

- `export`: chosen chats, one file each, in a form that other programs read.
- `archive`: a folder of Markdown files that is kept up to date; `document`, `record`, `names` are its parts.
"""
