#!/usr/bin/env bash
# Starts PostgreSQL by its image's entrypoint, with these arguments, and beside it priorities.sh; all of it as the database's user, who needs no
# capability to lower the priority of processes of its own. PostgreSQL runs without it, too.
set -u

# PostgreSQL becomes this process, the first of its container: a number that a killed container noted in postmaster.pid is its own again.
server=$$

# A child of PostgreSQL, which takes any other end than by status 0 or 1 for the crash of a session.
beside() {
  local serving never
  trap 'exit 0' TERM
  # A pipe that nobody writes to: to wait starts no process.
  exec {never}<> <(:)
  while :; do
    serving=
    # Not the server that the entrypoint starts to set up the databases.
    { read -r serving <"${PGDATA:-/var/lib/postgresql/data}/postmaster.pid"; } 2>/dev/null
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
