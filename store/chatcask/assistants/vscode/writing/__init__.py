"""What is written back into an editor's folder: the body of a chat, files step by step."""
