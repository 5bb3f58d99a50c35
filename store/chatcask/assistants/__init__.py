"""What is known of each assistant: where its files are, whether they may be touched, bytes to chats and back.

`known` lists them; `assistant` says what each of them is to the rest of the house.
"""
