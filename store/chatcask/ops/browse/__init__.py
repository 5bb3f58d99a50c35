"""Find, list, read and compare chats and files of snapshots; damage is reported and hides nothing else.

- `find_chat`: the chat that somebody names by the beginning of its id or by its title.
- `list_chats`: the chats of a snapshot, and those that it lacks.
- `history`: the versions of one chat; `versions`: which of them to put back.
- `read_chat`: one chat whole.
- `diff_files`, `diff_chats`: what differs between two folders of snapshots (`snapshot_folder`).
- `related`: which older chats a new one comes from.
- `selection`: which files of which snapshots somebody asked for.
- `in_snapshot`, `names`: how all of these walk over snapshots.
"""
