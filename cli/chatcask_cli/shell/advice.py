"""The words for what the library advises: the one place that knows which command does what."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

from chatcask.advice import AdviceCode
from chatcask.errors import ChatcaskError

AnyError = TypeVar("AnyError", bound=ChatcaskError)


def hinted(error: AnyError, hint: str) -> AnyError:
    """Return the error with a hint in the command line's own words."""
    error.add_note(hint)
    return error


WORDS: Mapping[AdviceCode, str] = {
    AdviceCode.CLOSE_EDITOR: "Close the editor, all its windows, and run this again.",
    AdviceCode.CLOSE_OUTER_EDITOR: (
        "This terminal belongs to that editor: close the editor and run this from another terminal."
    ),
    AdviceCode.STOP_SERVER: (
        "Stop {name} and run this again; closing the browser or the window does not stop it."
    ),
    AdviceCode.CLOSE_EDITOR_AND_SNAPSHOT: (
        "close the editor and run 'chatcask snapshot' again; its chats were not touched"
    ),
    AdviceCode.LET_DOCTOR_LOOK: (
        "All of it was written. Close the editor and let 'chatcask doctor' look at it."
    ),
    AdviceCode.KNOWN_EDITORS: "Known editors: {names}.",
    AdviceCode.NAME_FOLDER_ABOVE_USER: "Name the folder that holds the editor's User folder.",
    AdviceCode.NAME_FOLDER_OF_NOBODY: "name a folder that no editor owns",
    AdviceCode.LIST_SOURCES: (
        "'chatcask sources' lists what is looked for; name a folder with --user-data-dir"
    ),
    AdviceCode.NAME_FOLDER_OR_EDITOR: (
        "name the folder with --user-data-dir, or another editor with --product"
    ),
    AdviceCode.NAME_USER_DATA_DIR: "Name its folder with --user-data-dir.",
    AdviceCode.MANIFEST_SHAPE: "It looks like {example}.",
    AdviceCode.STATE_ROW_NAME: "Such a name is <key>.json, percent-encoded.",
    AdviceCode.REBUILD_STATE: (
        "The chats themselves do not depend on it; open and close the editor once to rebuild it."
    ),
    AdviceCode.REPLACE_STATE: (
        "Open and close the editor once: it replaces a damaged database by its own backup."
    ),
    AdviceCode.REPLACE_STATE_ROW: (
        "No editor writes such a row; open and close the editor once to replace it."
    ),
    AdviceCode.CLOSE_OTHER_PROGRAM: "Another program has the database open; close it and run this again.",
    AdviceCode.CHECK_FILE_OWNER: (
        "Check who owns the file and its folder, and whether they are write-protected."
    ),
    AdviceCode.CHECK_EDITOR_FOLDER: "Check who owns the editor's folder and whether it is write-protected.",
    AdviceCode.FREE_EDITOR_SPACE: "Free some space and run this again; nothing was changed.",
    AdviceCode.FILE_LEFT_ALONE: "The file was left as it was.",
    AdviceCode.OLDER_CHAT_LIST: (
        "It was left as it is. A snapshot of an earlier day may have a sound list: 'chatcask log'."
    ),
    AdviceCode.REPLACE_CHAT_LIST: (
        "the editor discards such a list when it starts; put a sound one in its place first"
    ),
    AdviceCode.SALVAGE_KEEPS: "salvage keeps what stands before that line",
    AdviceCode.WRITE_FILES_ELSEWHERE: (
        "'chatcask restore SNAP:PATH --output DIR' writes its files into a folder of yours,"
        " 'chatcask show' and 'chatcask export' read its chats"
    ),
    AdviceCode.RUN_AGAIN: "Run the same command again.",
    AdviceCode.RUN_AGAIN_UNCHANGED: "Run the same command again; nothing was changed.",
    AdviceCode.RUN_AGAIN_OR_UNDO: (
        "Nothing was lost; put it right and run the same command again, or 'chatcask undo'."
    ),
    AdviceCode.UNDO_WRITE: (
        "Something else changed it, or the disk fails. 'chatcask undo' brings back what was there."
    ),
    AdviceCode.RESTORE_AS_COPY: "restore it as a copy under a new id: add --as-copy",
    AdviceCode.COPY_OR_REPLACE: (
        "Add --as-copy to have both, or --replace to put the stored one in its place (what is"
        " there now is saved first, and 'chatcask undo' brings it back)."
    ),
    AdviceCode.RESTORE_VERSION: "chatcask restore {session}@{snapshot}",
    AdviceCode.REPLACE_BY_VERSION: "chatcask restore {session}@{snapshot} --replace",
    AdviceCode.FIX_LIST: "chatcask doctor --fix",
    AdviceCode.NAME_OLDER_VERSION: "name an older one as SESSION@SNAP ('chatcask log {session}' lists them)",
    AdviceCode.FIX_LIST_THEN_RESTORE: (
        "'chatcask doctor --fix' mends it without losing an entry; then restore again."
    ),
    AdviceCode.FIX_LIST_THEN_UNDO: "Run 'chatcask doctor --fix' first, then undo.",
    AdviceCode.NAME_SUCCESSOR: "Add --workspace {workspace}, or name its folder.",
    AdviceCode.NAME_EITHER_WORKSPACE: "Add --workspace {workspace}, or --workspace {old} all the same.",
    AdviceCode.OPEN_THAT_FOLDER: "Open that folder once in the editor, close the editor, and run this again.",
    AdviceCode.OPEN_FOLDER_AND_NAME_IT: (
        "Open the folder once in the editor and close it, then name it with --workspace FOLDER."
    ),
    AdviceCode.OPEN_EMPTY_WINDOW: "Open the editor once without a folder and close it.",
    AdviceCode.OPEN_PLACE: "Open {place} once in the editor, close the editor, and run this again.",
    AdviceCode.MUST_BE_READABLE: (
        "It must be a plain file that you may read; put that right and run this again."
    ),
    AdviceCode.LIST_FINDINGS: "'chatcask doctor' lists what it finds",
    AdviceCode.LIST_STORE: "'chatcask log' lists what is in the store",
    AdviceCode.NAME_FOLDER_OR_SKIP: (
        "Name its folder with --user-data-dir; to take back the change before it instead, add --skip {id}."
    ),
    AdviceCode.RESTORE_ELSEWHERE: (
        "Its chats are in the store: 'chatcask restore SESSION --workspace FOLDER'."
        " To take back the change before it instead, add --skip {id}."
    ),
    AdviceCode.CHECK_SAFETY_SNAPSHOT: (
        "Its safety snapshot was forgotten or is damaged; 'chatcask check' tells which."
    ),
    AdviceCode.FIX_CHAT: "chatcask doctor --fix {name}",
    AdviceCode.OPEN_FOLDER_THEN_DIAGNOSE: (
        "open the folder once in the editor, close it, and run 'chatcask doctor' again"
    ),
    AdviceCode.RESTORE_INTO_FOLDER: "chatcask restore {session} --workspace FOLDER",
    AdviceCode.SNAPSHOT_THEN_RESTORE: "chatcask snapshot, then chatcask restore {session} --workspace FOLDER",
    AdviceCode.SNAPSHOT_THEN_RESTORE_CHAT: "chatcask snapshot, then chatcask restore {session}",
    AdviceCode.RESTORE_CHAT: "chatcask restore {session}",
    AdviceCode.REBUILD_CHAT: (
        "'chatcask doctor --fix {session}' builds it again from that; 'chatcask show {session}' reads it"
    ),
    AdviceCode.REPLACE_CHAT: "chatcask restore {session} --replace",
    AdviceCode.IMPORT_COPY: "chatcask import {path}",
    AdviceCode.OPEN_THEN_RESTORE_INTO: (
        "open {folder} once in the editor, close it, then: chatcask restore {session} --workspace {folder}"
    ),
    AdviceCode.RESTORE_INTO: "chatcask restore {session} --workspace {workspace}",
    AdviceCode.SNAPSHOT_THEN_RESTORE_INTO: (
        "chatcask snapshot, then chatcask restore {session} --workspace {workspace}"
    ),
    AdviceCode.OPEN_THEN_FIX: (
        "open {folder} once in the editor, close it, then: chatcask doctor --fix {name}"
    ),
    AdviceCode.OPEN_THEN_RESTORE: (
        "open {folder} once in the editor, close it, then restore its chats, named below"
    ),
    AdviceCode.OPEN_RENAMED_FOLDER: (
        "Open {folder} once in the editor, close it, and run this again;"
        " or add --workspace {old} all the same."
    ),
    AdviceCode.START_EDITOR_THEN_DIAGNOSE: (
        "start the editor and close it again: it puts its own backup in place; then run 'chatcask doctor'"
    ),
    AdviceCode.ONLY_EDITS_LEFT: (
        "its text is gone; what it changed in files is kept in {path};"
        " if there is an old copy of the editor's folder: chatcask doctor --look-in DIR"
    ),
    AdviceCode.NOTHING_LEFT: (
        "nothing is left to restore it from; if there is an old copy of the editor's folder:"
        " chatcask doctor --look-in DIR"
    ),
    AdviceCode.SEE_CAUSE: "see the cause",
    AdviceCode.LIST_CHATS: (
        "'chatcask sessions' lists chats, 'chatcask sessions --deleted' those that are gone"
    ),
    AdviceCode.LIST_SNAPSHOTS_AND_CHATS: "see 'chatcask log' and 'chatcask sessions'",
    AdviceCode.OTHER_SNAPSHOT_HOLDS_CHAT: (
        "the newest snapshot that does is {snapshot}; 'chatcask log {session}' lists all of its versions"
    ),
    AdviceCode.WRITE_MORE_OF_ID: "write more of the id",
    AdviceCode.NAME_CHAT_OF_EDITOR: "say which one, for example {name}",
    AdviceCode.NAME_CHAT_BY_ID: "name one by the beginning of its id",
    AdviceCode.LIST_VERSIONS: "'chatcask log {session}' lists its versions",
    AdviceCode.SHOW_BRANCHES: "chatcask show {session}@{snapshot} --all-branches",
    AdviceCode.SHOW_VERSION: "chatcask show {session}@{snapshot}",
    AdviceCode.OTHER_VERSIONS_OR_RAW: (
        "'chatcask log {session}' lists its other versions; --format raw gives its bytes"
    ),
    AdviceCode.LIST_SNAPSHOTS: "'chatcask log' lists the snapshots",
    AdviceCode.LIST_TAGS: "'chatcask log' shows tags",
    AdviceCode.LIST_PINS: "'chatcask pin' lists pins",
    AdviceCode.LIST_FOLDER: "look with 'chatcask ls'",
    AdviceCode.LIST_THIS_FOLDER: "list it: chatcask ls {place}",
    AdviceCode.LIST_TREE: "look with 'chatcask ls -r'",
    AdviceCode.GIVE_MORE_OF_ID: "give at least {least} characters of it",
    AdviceCode.OTHER_SNAPSHOTS_HOLD: "other snapshots are not affected; 'chatcask log' lists them",
    AdviceCode.TAKE_A_SNAPSHOT: "take one: chatcask snapshot",
    AdviceCode.FIRST_SNAPSHOT: "the first is of {time} UTC",
    AdviceCode.TAG_CHARACTERS: (
        "use letters, digits, '.', '_' and '-', and nothing that reads like a snapshot's id"
    ),
    AdviceCode.SNAPSHOT_NAMES: (
        "name it by id, tag, 'latest', 'latest~2', '@{{2026-11-01}}' or '@{{3 days ago}}'"
    ),
    AdviceCode.DATE_FORMS: "write 2026-11-01, '2026-11-01 17:30' or '3 days ago'",
    AdviceCode.KNOWN_FORMATS: "formats: {names}",
    AdviceCode.INSTALL_EXTRA: (
        "install chatcask again from where you have it, with its extra [{extra}]; README.md shows how"
    ),
    AdviceCode.READ_SINGLE_FILE: "use 'chatcask cat'",
    AdviceCode.COMPARE_FOLDERS: "compare folders, or use 'chatcask cat' on both",
    AdviceCode.LOOK_AT_BYTES: "its bytes are kept as they are: look at them with 'chatcask cat'",
    AdviceCode.NAME_A_FOLDER: "name a folder",
    AdviceCode.NAME_OTHER_FILE: "name another file, or add --overwrite to replace a file",
    AdviceCode.NAME_OTHER_FOLDER: "name another folder, or add --overwrite; nothing was written",
    AdviceCode.NAME_EMPTY_FOLDER: (
        "name an empty folder, or add --overwrite to replace them; nothing was written"
    ),
    AdviceCode.TRY_OTHER_PLACE: "nothing was left there; try another place",
    AdviceCode.RUN_ONE_ALONE: "run one of them alone",
    AdviceCode.FREE_SPACE_AND_RESUME: (
        "free some space and run the same command again; finished files are kept"
    ),
    AdviceCode.REMOVE_RECORD: "remove it: the files of the archive stay and are recognised by their content",
    AdviceCode.UPDATE_OR_OTHER_FOLDER: "update chatcask, or archive into another folder",
    AdviceCode.NAME_COPY: ("name a copy of an editor's folder, a part of one, or the file of a chat"),
    AdviceCode.MAKE_BUNDLE: "make one with 'chatcask export FILE'",
    AdviceCode.EXPORT_LESS: "export fewer snapshots or workspaces at a time",
    AdviceCode.GET_BUNDLE_AGAIN: "nothing was imported; get the bundle once more from where it came",
    AdviceCode.MAKE_STORE: (
        "'chatcask snapshot' makes one and saves your chats;"
        " 'chatcask doctor' looks for lost chats without one"
    ),
    AdviceCode.USE_EMPTY_FOLDER: "name a new or an empty folder; nothing was written",
    AdviceCode.USE_STORE: "use it as it is, or name another place with --store",
    AdviceCode.REPAIR_CONFIG: (
        "run 'chatcask repair', which makes a new one; the chats themselves are in 'packs'"
    ),
    AdviceCode.INSTALL_NEWER: "install a newer chatcask",
    AdviceCode.INSTALL_FOR_FORMAT: "install a chatcask that knows store format {number}",
    AdviceCode.CHECK_AND_REPAIR: (
        "the rest of the store can be read; 'chatcask check' says what is affected, 'repair' mends"
    ),
    AdviceCode.WAIT_FOR_LOCK: "wait for it to end, or wait longer with --lock-wait SECONDS",
    AdviceCode.CHECK_STORE_OWNER: "check who owns the store's folder",
    AdviceCode.FREE_STORE_SPACE: "free some space and run again; what was stored before is untouched",
    AdviceCode.FREE_TEMPORARY_SPACE: "free some space in the folder for temporary files and run again",
    AdviceCode.RUN_AGAIN_STORED: "run it again; what it stored already is not stored again",
    AdviceCode.KEEP_LAST: "keep at least the last one",
    AdviceCode.KEEP_ONE: "keep at least one",
    AdviceCode.REMOVE_PIN: "take the pin away with 'chatcask pin --remove'",
    AdviceCode.PIN_OR_ALLOW_LOSS: "pin or tag what shall stay, or allow it with --allow-losing-chats",
    AdviceCode.PIN_AGAIN: "pin again what must stay, then delete that file",
    AdviceCode.REPAIR_OR_FORGET: "nothing was deleted; try 'chatcask repair', or forget that snapshot",
    AdviceCode.LIST_FORGOTTEN: "'chatcask undelete' lists what can be put back",
    AdviceCode.MAYBE_PRUNED: (
        "prune may have deleted it; 'chatcask undelete' lists what can still be put back"
    ),
    AdviceCode.REPAIR: "run 'chatcask repair'",
    AdviceCode.REPAIR_FROM_COPY: "run 'chatcask repair --from STORE' with a copy of this store",
    AdviceCode.REPAIR_OR_FROM_COPY: (
        "run 'chatcask repair', or 'chatcask repair --from STORE' with a copy of this store"
    ),
    AdviceCode.LABEL_FROM_COPY: (
        "run 'chatcask repair --from STORE' with a copy of this store, or delete it by hand and"
        " tag or pin again"
    ),
    AdviceCode.PRUNE_REMOVES: "'chatcask prune' removes it",
    AdviceCode.PRUNE_REMOVES_LATER: "'chatcask prune' removes it when the grace period is over",
    AdviceCode.PRUNE_OR_PUT_BACK: (
        "'chatcask prune' removes it; if files in 'snapshots' were deleted by mistake, put them"
        " back from a copy of this store"
    ),
    AdviceCode.DELETE_BY_HAND: "it does no harm, and may be deleted by hand",
    AdviceCode.WRITERS_MISTAKE: (
        "this is a mistake of the program that wrote it; restore gives what else the snapshot holds"
    ),
    AdviceCode.MOVE_FOREIGN_JOB: "move it away if it is not needed; nothing was changed",
    AdviceCode.RUN_WAITING_PROGRAM: (
        "nothing was left installed; let whatever starts your programs start 'chatcask wait'"
    ),
    AdviceCode.MOVE_OUT: "chatcask never looks at it; move it out of the store if it is yours",
    AdviceCode.MEND_SETTINGS: (
        "'chatcask config edit' opens the file; 'chatcask config keys' lists all keys"
    ),
}
