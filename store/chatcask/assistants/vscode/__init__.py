"""What is known about VS Code and its kin: places, guard, state database, reading and writing of chats."""
