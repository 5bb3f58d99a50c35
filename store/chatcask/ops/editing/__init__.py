"""Change an editor's folder: restore a chat, diagnose and fix, undo."""
