"""What a person can do next, as codes with values.

The library names no command, since not every program that uses it has one: whoever shows an error or a
finding turns its advice into words.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum, auto
from types import MappingProxyType


class AdviceCode(StrEnum):
    """What a person can do next. A code is never renamed or removed."""

    # chats and their editor
    CLOSE_EDITOR = auto()  # close the editor and try again
    CLOSE_OUTER_EDITOR = auto()  # the program was started from inside the editor that must be closed
    STOP_SERVER = auto()  # stop the named server, which closing its windows does not end
    CLOSE_EDITOR_AND_SNAPSHOT = auto()  # close the editor, then take the snapshot; nothing was touched
    LET_DOCTOR_LOOK = auto()  # all was written; close the editor, then look for damage
    KNOWN_EDITORS = auto()  # the editors that are known; values: names
    NAME_FOLDER_ABOVE_USER = auto()  # name the folder that holds the editor's `User` folder
    NAME_FOLDER_OF_NOBODY = auto()  # name a folder that no editor owns
    LIST_SOURCES = auto()  # look which editors are looked for, or name a folder
    NAME_FOLDER_OR_EDITOR = auto()  # name the editor's folder, or another editor
    NAME_USER_DATA_DIR = auto()  # name the editor's folder
    MANIFEST_SHAPE = auto()  # how a workspace manifest looks; values: example
    STATE_ROW_NAME = auto()  # how the file of a state row is named
    REBUILD_STATE = auto()  # chats do not depend on the database; the editor rebuilds it
    REPLACE_STATE = auto()  # the editor replaces a damaged database by its backup
    REPLACE_STATE_ROW = auto()  # the editor replaces such a row
    CLOSE_OTHER_PROGRAM = auto()  # another program uses the database
    CHECK_FILE_OWNER = auto()  # look who owns the file, and whether it is write-protected
    CHECK_EDITOR_FOLDER = auto()  # look who owns the editor's folder, and whether it is write-protected
    FREE_EDITOR_SPACE = auto()  # free some space; nothing was changed
    FILE_LEFT_ALONE = auto()  # nothing to do: the file was left as it was
    OLDER_CHAT_LIST = auto()  # an earlier snapshot may have a sound list of chats
    REPLACE_CHAT_LIST = auto()  # put a sound list of chats in the place of this one
    SALVAGE_KEEPS = auto()  # what stands before the bad line can be read

    # changing an editor's folder
    WRITE_FILES_ELSEWHERE = auto()  # write files into a folder of one's own, or read the chats
    RUN_AGAIN = auto()  # do the same again
    RUN_AGAIN_UNCHANGED = auto()  # do the same again; nothing was changed
    RUN_AGAIN_OR_UNDO = auto()  # put it right and do the same again, or undo; nothing was lost
    UNDO_WRITE = auto()  # undo brings back what was there
    RESTORE_AS_COPY = auto()  # restore the chat under a new id
    COPY_OR_REPLACE = auto()  # restore a copy, or replace what is there
    RESTORE_VERSION = auto()  # restore a version of a chat; values: session, snapshot
    REPLACE_BY_VERSION = auto()  # put a version in the place of what is there; values: session, snapshot
    FIX_LIST = auto()  # fix the editor's lists of chats
    NAME_OLDER_VERSION = auto()  # name an older version of the chat; values: session
    FIX_LIST_THEN_RESTORE = auto()  # fix the editor's list of chats, then restore
    FIX_LIST_THEN_UNDO = auto()  # fix the editor's list of chats, then undo
    NAME_SUCCESSOR = auto()  # name the folder's new workspace; values: workspace
    NAME_EITHER_WORKSPACE = auto()  # name one of two workspaces; values: workspace, old
    OPEN_THAT_FOLDER = auto()  # let the editor make the workspace, then try again
    OPEN_FOLDER_AND_NAME_IT = auto()  # let the editor make the workspace, then name it
    OPEN_EMPTY_WINDOW = auto()  # let the editor make its place for empty windows
    OPEN_PLACE = auto()  # open a place once in the editor; values: place
    MUST_BE_READABLE = auto()  # it must be a plain, readable file
    LIST_FINDINGS = auto()  # look what is wrong with the chats
    LIST_STORE = auto()  # look what the store holds
    NAME_FOLDER_OR_SKIP = auto()  # name the editor's folder, or undo the change before this one; values: id
    RESTORE_ELSEWHERE = auto()  # restore the chats into another folder, or undo an earlier change; values: id
    CHECK_SAFETY_SNAPSHOT = auto()  # the safety snapshot is gone or damaged; check the store
    FIX_CHAT = auto()  # fix a chat or a place in place; values: name
    OPEN_FOLDER_THEN_DIAGNOSE = auto()  # open the folder in the editor, then diagnose again
    RESTORE_INTO_FOLDER = auto()  # restore a chat into a folder; values: session
    SNAPSHOT_THEN_RESTORE = auto()  # take a snapshot, then restore; values: session
    RESTORE_CHAT = auto()  # restore a chat from the store; values: session
    REPLACE_CHAT = auto()  # put the chat's fullest version in the place of what is there; values: session
    OPEN_THEN_RESTORE_INTO = auto()  # open the folder once, then restore the chat; values: folder, session
    IMPORT_COPY = auto()  # take an old copy of an editor's folder into the store; values: path
    REBUILD_CHAT = auto()  # let the doctor build the chat again from its transcript; values: session
    RESTORE_INTO = auto()  # restore a chat into a workspace; values: session, workspace
    SNAPSHOT_THEN_RESTORE_CHAT = auto()  # take a snapshot, then restore the chat; values: session
    SNAPSHOT_THEN_RESTORE_INTO = auto()  # take a snapshot, then so; values: session, workspace
    OPEN_THEN_FIX = auto()  # open a renamed folder in the editor, close it, then fix; values: folder, name
    OPEN_THEN_RESTORE = auto()  # open a folder in the editor, close it, then restore chats; values: folder
    OPEN_RENAMED_FOLDER = auto()  # open a renamed folder first, or name the old one; values: folder, old
    START_EDITOR_THEN_DIAGNOSE = auto()  # let the editor put its own backup in place, then diagnose again
    ONLY_EDITS_LEFT = auto()  # of the chat only a record of edits of files is left; values: path
    NOTHING_LEFT = auto()  # there is nothing to restore the chat from
    SEE_CAUSE = auto()  # nothing to do that a program could name

    # finding and reading
    LIST_CHATS = auto()  # list the chats, those there and those gone
    LIST_SNAPSHOTS_AND_CHATS = auto()  # list the snapshots and the chats
    OTHER_SNAPSHOT_HOLDS_CHAT = auto()  # another snapshot has the chat; values: snapshot, session
    WRITE_MORE_OF_ID = auto()  # write more of the id, so that it means one thing
    NAME_CHAT_OF_EDITOR = auto()  # say of which editor the chat is; values: name
    NAME_CHAT_BY_ID = auto()  # name the chat by its id
    LIST_VERSIONS = auto()  # list the versions of a chat; values: session
    SHOW_BRANCHES = auto()  # show a version with the turns that were cut off; values: session, snapshot
    SHOW_VERSION = auto()  # read a chat as a snapshot has it; values: session, snapshot
    OTHER_VERSIONS_OR_RAW = auto()  # list a chat's versions, or read its bytes; values: session
    LIST_SNAPSHOTS = auto()  # list the snapshots
    LIST_TAGS = auto()  # list the snapshots with their tags
    LIST_PINS = auto()  # list what is pinned
    LIST_FOLDER = auto()  # list what the snapshot holds
    LIST_THIS_FOLDER = auto()  # list the folder; values: place
    LIST_TREE = auto()  # list what the snapshot holds, with all folders
    GIVE_MORE_OF_ID = auto()  # the id is too short; values: least
    OTHER_SNAPSHOTS_HOLD = auto()  # other snapshots are not affected
    TAKE_A_SNAPSHOT = auto()  # take the first snapshot
    FIRST_SNAPSHOT = auto()  # when the first snapshot was taken; values: time
    TAG_CHARACTERS = auto()  # what a tag may consist of
    SNAPSHOT_NAMES = auto()  # how a snapshot is named
    DATE_FORMS = auto()  # how a date is written
    KNOWN_FORMATS = auto()  # the formats that are known; values: names
    INSTALL_EXTRA = auto()  # install an optional part of the program; values: extra
    READ_SINGLE_FILE = auto()  # read the file by itself, without giving it its name
    LOOK_AT_BYTES = auto()  # the bytes are kept as they are, and can be read
    COMPARE_FOLDERS = auto()  # compare folders; one file is read by itself

    # files that are written
    NAME_A_FOLDER = auto()  # name a folder, not a file
    NAME_OTHER_FILE = auto()  # name another file, or allow to replace it
    NAME_OTHER_FOLDER = auto()  # name another folder, or allow to replace; nothing was written
    NAME_EMPTY_FOLDER = auto()  # name an empty folder, or allow to replace; nothing was written
    TRY_OTHER_PLACE = auto()  # write to another place; nothing was left at this one
    RUN_ONE_ALONE = auto()  # two processes write the same file
    FREE_SPACE_AND_RESUME = auto()  # free some space and do the same again; what is done is kept
    REMOVE_RECORD = auto()  # remove the archive's record; its files stay
    UPDATE_OR_OTHER_FOLDER = auto()  # update the program, or archive elsewhere
    NAME_COPY = auto()  # name a copy of an editor's folder, a part of one, or files of chats
    MAKE_BUNDLE = auto()  # make a bundle by an export
    EXPORT_LESS = auto()  # export less at a time
    GET_BUNDLE_AGAIN = auto()  # get the bundle once more; nothing was imported

    # the store
    MAKE_STORE = auto()  # make a store, or name another place
    USE_STORE = auto()  # use the store that is there, or name another place
    REPAIR_CONFIG = auto()  # repair makes a new configuration; the chats are there
    INSTALL_NEWER = auto()  # install a newer version of the program
    INSTALL_FOR_FORMAT = auto()  # install a version that knows a store format; values: number
    CHECK_AND_REPAIR = auto()  # check the store, then repair it; the rest can be read
    WAIT_FOR_LOCK = auto()  # wait until the other process ends
    CHECK_STORE_OWNER = auto()  # look who owns the store's folder
    FREE_STORE_SPACE = auto()  # free some space and do it again; the store is untouched
    FREE_TEMPORARY_SPACE = auto()  # free some space for temporary files
    RUN_AGAIN_STORED = auto()  # do it again; what is stored is not stored twice

    # retention
    KEEP_LAST = auto()  # keep at least the newest snapshot
    KEEP_ONE = auto()  # keep at least one snapshot
    REMOVE_PIN = auto()  # unpin it first
    PIN_OR_ALLOW_LOSS = auto()  # pin what shall stay, or allow that chats are lost
    PIN_AGAIN = auto()  # pin again what must stay, then delete the damaged label
    REPAIR_OR_FORGET = auto()  # repair the store, or forget the snapshot; nothing was deleted
    LIST_FORGOTTEN = auto()  # list the forgotten snapshots
    MAYBE_PRUNED = auto()  # it may be deleted already; list what can be put back

    # findings of a check
    REPAIR = auto()  # repair the store
    REPAIR_FROM_COPY = auto()  # repair with a copy of the store
    REPAIR_OR_FROM_COPY = auto()  # repair the store, with a copy if there is one
    LABEL_FROM_COPY = auto()  # repair with a copy, or delete the label and set it again
    PRUNE_REMOVES = auto()  # prune removes it
    PRUNE_REMOVES_LATER = auto()  # prune removes it after the grace period
    PRUNE_OR_PUT_BACK = auto()  # prune removes it, unless manifests can be put back
    DELETE_BY_HAND = auto()  # it does no harm and may be deleted
    WRITERS_MISTAKE = auto()  # the program that wrote it made a mistake
    USE_EMPTY_FOLDER = auto()  # a store is made in a new or an empty folder
    MOVE_OUT = auto()  # it is no part of the store; move it elsewhere

    # what a person settled
    MEND_SETTINGS = auto()  # mend the config file or the variable; all keys are documented

    # running by itself
    MOVE_FOREIGN_JOB = auto()  # something else has the name of a job; move it away
    RUN_WAITING_PROGRAM = auto()  # let the waiting program be started in some other way


@dataclass(frozen=True, slots=True, init=False)
class Advice:
    """The way out: what can be done, and the values that belong to it (ids, names, numbers)."""

    code: AdviceCode
    values: Mapping[str, str | int]

    def __init__(self, code: AdviceCode, **values: str | int) -> None:
        object.__setattr__(self, "code", code)
        object.__setattr__(self, "values", MappingProxyType(values))

    def __hash__(self) -> int:
        return hash((self.code, *self.values.items()))


@dataclass(frozen=True, slots=True)
class Remark:
    """Something a person should know about a plan before it is carried out; no error."""

    text: str
    advice: Advice | None = None
