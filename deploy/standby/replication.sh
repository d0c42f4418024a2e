#!/usr/bin/env bash
# On whichever of the two servers is the primary, at each start of the stack.
#   replication.sh prepare    the standby's login, with the password of its secret, and its slot. A standby that never was copied, or that is
#                             to be waited for no longer (STACK_SYNCHRONOUS_STANDBY empty), holds up no commit from here on
#   replication.sh wait-for   lets each commit wait for the standby (STACK_SYNCHRONOUS_STANDBY), once it streams; without one does nothing
set -euo pipefail
PGPASSWORD=$(cat /run/secrets/postgres_password)
export PGPASSWORD
servers='postgres postgres-standby'
# The first that takes sessions: a standby refuses them.
primary() {
  psql --no-psqlrc --quiet --tuples-only --no-align --set=ON_ERROR_STOP=1 --set=names="${STACK_SYNCHRONOUS_STANDBY:-}" \
    --dbname="host=${servers/ /,} user=postgres dbname=postgres connect_timeout=5" "$@"
}
takes_sessions() {
  local server
  for server in $servers; do ! pg_isready --quiet --host="$server" --timeout=3 || return 0; done
  return 1
}
streams() { [ "$(primary --command="select count(*) from pg_stat_replication where application_name = 'standby' and state = 'streaming'")" = 1 ]; }
# Until it is so; for ten minutes at most.
await() {
  local _
  for _ in {1..600}; do
    ! "$@" || return 0
    sleep 1
  done
  return 1
}

prepare() {
  await takes_sessions || true
  # What is secret is in no list of processes, and in no log of the server.
  primary --set=wal="$STACK_STANDBY_WAL" <<'SQL'
\set password `cat "${REPLICATION_PASSWORD_FILE:-/run/secrets/replication_password}"`
-- A standby that is unavailable keeps nothing of this from being written.
set synchronous_commit = local;
set log_statement = none;
set log_min_duration_statement = -1;
set log_min_duration_sample = -1;
set log_min_error_statement = panic;
set pg_stat_statements.track = none;
select 'create role replicator login replication' where not exists (select from pg_roles where rolname = 'replicator') \gexec
alter role replicator password :'password';
-- A lost one stands for a standby whose volume is there: what waits goes on only when somebody says so.
select not exists (select from pg_replication_slots where slot_name = 'standby') or :'names' = '' as is_awaited_no_longer \gset
-- One for which the log was no longer kept serves no standby any more.
select pg_drop_replication_slot(slot_name) from pg_replication_slots where slot_name = 'standby' and wal_status = 'lost' and not active \g /dev/null
select pg_create_physical_replication_slot('standby') where not exists (select from pg_replication_slots where slot_name = 'standby') \g /dev/null
-- A standby that is unavailable for longer is copied anew, before what is kept for it fills the disk.
alter system set max_slot_wal_keep_size = :'wal';
\if :is_awaited_no_longer
alter system set synchronous_standby_names = '';
\endif
select pg_reload_conf() \g /dev/null
SQL
}

wait_for() {
  [ -n "${STACK_SYNCHRONOUS_STANDBY:-}" ] || return 0
  await streams || { printf 'replication: the standby does not stream; commits do not wait for it\n' >&2; return 1; }
  primary <<'SQL'
alter system set synchronous_standby_names = :'names';
select pg_reload_conf() \g /dev/null
SQL
}

case "${1:-}" in
  prepare) prepare ;;
  wait-for) wait_for ;;
  *) printf 'usage: replication.sh prepare | wait-for\n' >&2; exit 2 ;;
esac
