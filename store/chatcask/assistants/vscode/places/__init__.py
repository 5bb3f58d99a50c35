"""Where editors keep chats: products, user-data folders, workspaces, and what of them is captured."""
