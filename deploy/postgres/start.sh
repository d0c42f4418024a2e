#!/usr/bin/env bash
# Starts PostgreSQL by its image's entrypoint, with these arguments, and beside it priorities.sh, as the same user. PostgreSQL runs without it, too.
# Passes signals on, and ends with PostgreSQL, by its exit status.
set -u

as_postgres=(setpriv --reuid=postgres --regid=postgres --clear-groups)
for each in gosu su-exec; do
  if command -v "$each" >/dev/null; then as_postgres=("$each" postgres); fi
done

docker-entrypoint.sh "$@" <&0 &
server=$!
for each in INT TERM QUIT HUP; do
  # shellcheck disable=SC2064
  trap "kill -$each $server" "$each"
done

# Begins when this server holds the data, so neither with the one that the entrypoint starts to set up the databases, nor before PostgreSQL has
# looked whether the server that a killed container noted still runs: any process of its own user under that number would keep it from starting.
# Not a child of PostgreSQL, which would take its end for the crash of a session.
while sleep 1; do
  serving=
  read -r serving 2>/dev/null <"${PGDATA:-/var/lib/postgresql/data}/postmaster.pid"
  [ "$serving" = "$server" ] || continue
  # What is wrong is said once a minute.
  PRIORITIES_METERS=/meters/priorities.prom "${as_postgres[@]}" ytempire-priorities "$server" || sleep 60
done &

# A signal ends the waiting, not what is waited for.
while kill -0 "$server" 2>/dev/null; do wait "$server"; done
wait "$server"
exit
