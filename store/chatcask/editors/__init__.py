"""What chatcask knows about VS Code and its kin: where they keep chats, and whether they run."""
