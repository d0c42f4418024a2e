#!/usr/bin/env bash
# On whichever of the two servers is the primary: the login and the slot of its standby, and that a commit waits for it
# (STACK_SYNCHRONOUS_STANDBY=standby) or not (empty). Changes nothing that is there.
set -euo pipefail
secret() { cat "/run/secrets/$1"; }
PGPASSWORD=$(secret postgres_password)
export PGPASSWORD
servers='postgres postgres-standby'
takes_sessions() {
  local server
  for server in $servers; do ! pg_isready --quiet --host="$server" --timeout=3 || return 0; done
  return 1
}
for _ in {1..600}; do
  ! takes_sessions || break
  sleep 1
done
# The first that takes sessions: a standby refuses them.
psql --no-psqlrc --quiet --set=ON_ERROR_STOP=1 --set=password="$(secret replication_password)" \
  --set=names="$STACK_SYNCHRONOUS_STANDBY" --set=wal="$STACK_STANDBY_WAL" \
  --dbname="host=${servers/ /,} user=postgres dbname=postgres connect_timeout=5" <<'SQL'
-- A standby that is away keeps nothing of this from being written.
set synchronous_commit = local;
select 'create role replicator login replication' where not exists (select from pg_roles where rolname = 'replicator') \gexec
alter role replicator password :'password';
select pg_create_physical_replication_slot('standby') where not exists (select from pg_replication_slots where slot_name = 'standby') \g /dev/null
-- A standby that is away for longer is copied anew, before what is kept for it fills the disk.
alter system set max_slot_wal_keep_size = :'wal';
alter system set synchronous_standby_names = :'names';
select pg_reload_conf() \g /dev/null
SQL
