#!/usr/bin/env bash
# Starts PostgreSQL; where STANDBY_OF names a primary and the volume is empty, as its standby, from a copy of it. Until it is promoted
# (pg_ctl promote) a standby refuses every session, by which the proxy knows it. A volume with a cluster is never touched, and one of a
# primary is not started while the other server (OTHER) is the primary.
set -euo pipefail
data=${PGDATA:-/var/lib/postgresql/data}

# The connection to the primary takes it from here, so that no file has it.
PGPASSWORD=$(cat /run/secrets/replication_password)
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
  # The file by which a volume is known to have a cluster comes last.
  find "$data/copy" -mindepth 1 -maxdepth 1 ! -name PG_VERSION -exec mv -t "$data" {} +
  mv "$data/copy/PG_VERSION" "$data/"
  rmdir "$data/copy"
fi
# A standby refuses sessions (status 1); a primary alone takes them.
if [ -s "$data/PG_VERSION" ] && [ ! -e "$data/standby.signal" ] && pg_isready --host="$OTHER" --timeout=3 >/dev/null; then
  printf 'standby: %s is another primary; make this one its standby (docs/operations/scaling.md)\n' "$OTHER" >&2
  exit 1
fi
# compose.yml alone has no standby that a commit could wait for.
words=()
for word; do
  [[ $word = --synchronous_standby_names=* ]] || words+=("$word")
done
exec ytempire-postgres "${words[@]}"
