"""The vocabulary of the simulation: plain words of people who talk about programs."""

from __future__ import annotations


def _words(text: str) -> list[str]:
    return text.split()


def _phrases(text: str) -> list[str]:
    return [" ".join(phrase.split()) for phrase in text.split("|")]


NOUNS = _words("""
beacon buffer cache caller channel checksum client clock column command commit config connection context
counter cursor database deadline decoder default delta dependency descriptor directory document edge
encoder endpoint entry error event exception export factory field file filter flag folder format fragment
function gauge handler hash header history host import index input instance interface interval iterator
journal key label latch layer layout ledger length level limit line link list loader lock log loop
manifest map marker mask memory message method migration mirror module monitor name node number object
offset operation option order origin output owner package page parameter parser path payload pipeline
pointer policy pool position prefix process profile project property protocol proxy query queue range
reader record region registry relation release repository request resource response result retry root
route row rule runner sample schedule schema scope section segment selector sensor sequence series server
session setting shape signal size slice snapshot socket source span stack stage state statement station
status step storage stream string subject suffix summary symbol table target task template test thread
threshold tide timeout timer token trace transaction tree trigger tuple type unit update user value
variable vector version view warning watcher weight window worker wrapper writer
""")

VERBS = _words("""
adds adjusts allocates appends applies assumes blocks breaks builds caches calls cancels catches checks
clears closes collects compares computes converts copies counts creates decodes defers deletes depends
drops emits encodes expects exports extends fails fetches fills filters finds flushes follows forwards
guards handles hides holds ignores imports indexes inserts keeps leaks limits loads locks logs loses maps
masks matches merges misses moves needs notifies opens orders overrides owns parses passes polls prints
produces pushes raises reads rebuilds receives records refers refuses releases reloads removes renames
repeats replaces reports requires resets resolves restarts retries returns reuses rewrites rounds runs
saves scans schedules sends serializes shares shows skips sorts splits starts stops stores subscribes
swallows takes throws tracks truncates unlocks updates validates verifies waits wakes walks wraps writes
yields
""")

ADJECTIVES = _words("""
absent active ambiguous atomic available bare blocking broken cached circular clean closed cold complete
concurrent constant correct current dead deep default duplicate durable early empty exact existing
expected explicit external extra fast final first fixed flat foreign frozen full generic global hidden
idle implicit inner internal invalid large last late lazy legacy live local long loose lost lower main
malformed mutable narrow nested new next normal obsolete old open optional outer partial pending plain
possible previous private public pure quiet random raw recent relative remote safe second separate shared
short silent simple single slow small sorted spare stable stale strict surplus temporary thin typed
unknown unsafe unused upper valid visible warm weak whole wide wrong
""")

CONNECTIVES = _phrases("""
because | so that | which means that | and then | although | unless | as long as | whenever | before |
after | while | but | where | even if | since | provided that | in case | until | once
""")

OPENERS = _phrases("""
Note that | In this case | First, | Then | Finally, | As far as I can see | To be safe, | Here | Instead,
| For now | If I read it right, | On the other hand | In short, | By contrast, | After that | For
example, | In practice | The tests show that | Looking at the log, | With this change
""")

PEOPLE = ("ada", "grace")
PROJECTS = _words("""
lighthouse tide-tables harbour-log beacon-net almanac sextant buoy-map keel night-watch chart-room
""")
