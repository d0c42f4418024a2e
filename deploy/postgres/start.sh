#!/usr/bin/env bash
# Starts PostgreSQL by its image's entrypoint, with these arguments, and beside it priorities.sh; all of it as the database's user, who needs no
# capability to lower the priority of processes of its own. PostgreSQL runs without it, too.
set -u

# PostgreSQL becomes this process.
server=$$

# The number that a killed container noted may be another process's by now; PostgreSQL takes any but its own for a server that runs, and does not start.
noted=${PGDATA:-/var/lib/postgresql/data}/postmaster.pid
if { read -r before <"$noted"; } 2>/dev/null && ! { read -r name <"/proc/$before/comm" && [ "$name" = postgres ]; } 2>/dev/null; then
  sed -i "1s/.*/$server/" "$noted"
fi

# A child of PostgreSQL, which takes any other end than by status 0 or 1 for the crash of a session.
beside() {
  local serving never
  trap 'exit 0' TERM
  # A pipe that nobody writes to: to wait starts no process.
  exec {never}<> <(:)
  while :; do
    serving=
    # Not the server that the entrypoint starts to set up the databases.
    { read -r serving <"$noted"; } 2>/dev/null
    if [ "$serving" = "$server" ]; then
      PRIORITIES_METERS=/meters/priorities.prom ytempire-priorities "$server"
      # What is wrong is said once a minute.
      read -r -t "${START_PAUSE:-60}" -u "$never"
    else
      read -r -t "${START_LOOK:-1}" -u "$never"
    fi
  done
}

beside &
exec docker-entrypoint.sh "$@"
