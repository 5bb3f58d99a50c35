"""The assistants whose chats are kept: a room for each, from where its files are to chats."""
