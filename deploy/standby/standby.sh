#!/usr/bin/env bash
# Starts PostgreSQL; where STANDBY_OF names a primary and the volume is empty, as its standby, from a copy of it. Until it is promoted
# (pg_ctl promote) a standby refuses every session, by which the proxy knows it. The cluster of a volume is never touched. One of a primary is
# not started while the other server (OTHER) is the primary, nor later, as the file "fenced" in it says: the other has gone on since.
set -euo pipefail
data=${PGDATA:-/var/lib/postgresql/data}

# The connection to the primary takes it from here, so that no file has it.
PGPASSWORD=$(cat "${REPLICATION_PASSWORD_FILE:-/run/secrets/replication_password}")
export PGPASSWORD

if [ -n "${STANDBY_OF:-}" ] && [ ! -s "$data/PG_VERSION" ]; then
  # What a copy that was broken off has left.
  find "$data" -mindepth 1 -delete
  chmod 700 "$data"
  primary="host=$STANDBY_OF user=replicator"
  # No commit counts on the copy, which is no standby yet.
  until pg_basebackup --dbname="$primary application_name=copy connect_timeout=5" --no-password --pgdata="$data/copy" --slot=standby --checkpoint=fast; do
    printf 'standby: %s gives no copy yet\n' "$STANDBY_OF" >&2
    rm -rf "$data/copy"
    sleep 2
  done
  cat >>"$data/copy/postgresql.auto.conf" <<END
primary_conninfo = '$primary application_name=standby'
primary_slot_name = 'standby'
hot_standby = off
synchronous_standby_names = ''
END
  touch "$data/copy/standby.signal"
  rm -f "$data/copy/fenced"
  # The file by which a volume is known to have a cluster comes last.
  find "$data/copy" -mindepth 1 -maxdepth 1 ! -name PG_VERSION -exec mv -t "$data" {} +
  mv "$data/copy/PG_VERSION" "$data/"
  rmdir "$data/copy"
fi
# A promotion begins another timeline, of which the server keeps the history: the later one is that of the primary that was promoted last.
own_timeline() {
  local file timeline=1
  for file in "$data"/pg_wal/????????.history; do
    [ ! -e "$file" ] || timeline=$((16#$(basename "$file" .history)))
  done
  printf '%s' "$timeline"
}
other_timeline() {
  psql --no-psqlrc --tuples-only --no-align --field-separator=' ' --command=IDENTIFY_SYSTEM \
    --dbname="host=$OTHER user=replicator replication=true connect_timeout=5" 2>/dev/null | cut -d ' ' -f 2
}
if [ -e "$data/standby.signal" ]; then
  rm -f "$data/fenced"
elif [ -s "$data/PG_VERSION" ]; then
  # A standby refuses sessions (status 1); a primary alone takes them.
  if [ ! -e "$data/fenced" ] && pg_isready --host="$OTHER" --timeout=3 >/dev/null; then
    theirs=$(other_timeline) || theirs=
    # What is not known counts as later: to start is worse than to stay down.
    if [ -n "$theirs" ] && [ "$theirs" -lt "$(own_timeline)" ]; then
      printf 'standby: %s is another primary, on an earlier timeline: this server starts when that one is stopped (docs/operations/scaling.md)\n' "$OTHER" >&2
      exit 1
    fi
    printf '%s was the primary on timeline %s.\n' "$OTHER" "${theirs:-unknown}" >"$data/fenced"
  fi
  if [ -e "$data/fenced" ]; then
    printf 'standby: %s is another primary, or was; this server stays down until a person decides which of the two goes on (docs/operations/scaling.md, "A server that is fenced")\n' "$OTHER" >&2
    exit 1
  fi
fi
# compose.yml alone has no standby that a commit could wait for.
words=()
for word; do
  [[ $word = --synchronous_standby_names=* ]] || words+=("$word")
done
exec ytempire-postgres "${words[@]}"
