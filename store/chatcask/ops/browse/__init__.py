"""Find, list, read and compare chats and files of snapshots."""
