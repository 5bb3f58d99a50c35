"""What is known of VS Code and editors built on it: places, guard, state database, chats in and out."""
