#!/usr/bin/env bash
# Starts PostgreSQL by its image's entrypoint, with these arguments, and beside it priorities.sh, as the same user. PostgreSQL runs without it, too.
# Passes signals on, and ends with PostgreSQL, by its exit status.
set -u

# The server changes: the entrypoint's first one, which sets up the databases, is not the one that serves.
if [ "${1:-}" = beside ]; then
  while sleep 1; do
    read -r server 2>/dev/null <"${PGDATA:-/var/lib/postgresql/data}/postmaster.pid" && ytempire-priorities "$server" 2>/dev/null
  done
  exit
fi

as_postgres=(setpriv --reuid=postgres --regid=postgres --clear-groups)
for each in gosu su-exec; do
  if command -v "$each" >/dev/null; then as_postgres=("$each" postgres); fi
done
# Not a child of PostgreSQL, which would take its end for the crash of a session.
PRIORITIES_METERS=/meters/priorities.prom "${as_postgres[@]}" ytempire-postgres beside &
docker-entrypoint.sh "$@" &
server=$!
for each in INT TERM QUIT HUP; do
  # shellcheck disable=SC2064
  trap "kill -$each $server" "$each"
done
# A signal ends the waiting, not what is waited for.
while :; do
  wait "$server"
  status=$?
  kill -0 "$server" 2>/dev/null || exit "$status"
done
