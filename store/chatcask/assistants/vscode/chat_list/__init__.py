"""The editor's own list of chats, the value of `chat.ChatSessionStore.index`: read, changed, mended."""
