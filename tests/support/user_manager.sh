#!/bin/bash
# A systemd user manager without being the first process: run inside `unshare --mount --pid --fork --mount-proc`.
# The folder /run/systemd/system is what it looks for; what is given as arguments is run beside it.
mount -t tmpfs tmpfs /run || exit 77
mkdir -p /run/systemd/system /run/user/0
chmod 700 /run/user/0
export XDG_RUNTIME_DIR=/run/user/0
mkdir -p "$HOME/.config/systemd/user"
"$SYSTEMD" --user --log-target=console >"$HOME/manager.log" 2>&1 &
for _ in $(seq 100); do
  [ -S /run/user/0/systemd/private ] && break
  sleep 0.1
done
[ -S /run/user/0/systemd/private ] || exit 77
"$@"
