#!/usr/bin/env bash
# Copies a whole PostgreSQL cluster, all databases and logins, into an empty one of the same or a newer release, and compares every table's rows.
# Nothing is written to the first. docs/operations/upgrades.md describes the upgrade around it.
#   move.sh FROM TO    two connection strings of superusers, such as "host=/var/run/postgresql user=postgres"
# Exit status: 0 done; 1 not done, and the last line says why: empty the second cluster and begin anew; 2 usage.
set -euo pipefail

[ $# -eq 2 ] || { printf 'usage: move.sh FROM TO (connection strings)\n' >&2; exit 2; }
from=$1 to=$2
export PGOPTIONS='-c statement_timeout=0 -c lock_timeout=0 -c client_min_messages=warning'
say() { printf '%s\n' "$*"; }
fail() { printf '%s\n' "$*" >&2; exit 1; }
ask() { psql --no-psqlrc -qAt --set=ON_ERROR_STOP=1 --dbname="$1 dbname=$2" --command="$3"; }

old=$(ask "$from" postgres 'show server_version_num') || fail "The first cluster does not answer; nothing was done."
new=$(ask "$to" postgres 'show server_version_num') || fail "The second cluster does not answer; nothing was done."
[ $((new / 10000)) -ge $((old / 10000)) ] || fail "The second cluster is PostgreSQL $((new / 10000)), older than the first, $((old / 10000)); nothing was done."
tools=$(pg_dump --version | sed -E 's/.* ([0-9]+)[.].*/\1/')
[ "$tools" -ge $((old / 10000)) ] || fail "pg_dump is of PostgreSQL $tools and cannot read $((old / 10000)): run this where the newer programs are."
users="select count(*) from pg_stat_activity where backend_type = 'client backend' and pid <> pg_backend_pid()"
# What is written during the copy would be missing in it.
[ "$(ask "$from" postgres "$users")" = 0 ] || fail "Somebody is connected to the first cluster: stop the sidecars, n8n, Grafana and the exporter first; nothing was done."
databases="select datname from pg_database where not datistemplate and datname <> 'postgres' order by 1"
[ -z "$(ask "$to" postgres "$databases")" ] || fail "The second cluster has databases already: it must be empty; nothing was done."

extension="select extversion from pg_extension where extname = 'timescaledb'"
for database in $(ask "$from" postgres "$databases"); do
  version=$(ask "$from" "$database" "$extension")
  [ -z "$version" ] || [ "$(ask "$to" postgres "select count(*) from pg_available_extension_versions where name = 'timescaledb' and version = '$version'")" = 1 ] ||
    fail "$database has TimescaleDB $version, which the second cluster does not have: bring both to the same version first; nothing was done."
done

began=$SECONDS
# The second has its own superuser.
pg_dumpall --globals-only --dbname="$from dbname=postgres" | sed -E '/^(CREATE|ALTER) ROLE postgres( |;)/d' |
  psql --no-psqlrc -qAt --set=ON_ERROR_STOP=1 --dbname="$to dbname=postgres" >/dev/null || fail "The logins could not be copied."
say "logins: copied"

# Of every table: its name and its rows.
counts() {
  local table
  ask "$1" "$2" "select format('%I.%I', n.nspname, c.relname) from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where c.relkind in ('r', 'p') and not c.relispartition and n.nspname !~ '^(pg_|information_schema|_timescaledb)' order by 1" |
    while read -r table; do printf '%s %s\n' "$table" "$(ask "$1" "$2" "select count(*) from $table" </dev/null)"; done
}

for database in $(ask "$from" postgres "$databases"); do
  if [ -n "$(ask "$from" "$database" "$extension")" ]; then
    pg_dump --create --schema-only --format=custom --exclude-schema='*' --dbname="$from dbname=$database" | pg_restore --create --exit-on-error --dbname="$to dbname=postgres"
    ask "$to" "$database" "create extension if not exists timescaledb; select timescaledb_pre_restore()" >/dev/null
    pg_dump --format=custom --dbname="$from dbname=$database" | pg_restore --exit-on-error --dbname="$to dbname=$database" || fail "$database could not be copied."
    ask "$to" "$database" "select timescaledb_post_restore()" >/dev/null
  else
    pg_dump --create --format=custom --dbname="$from dbname=$database" | pg_restore --create --exit-on-error --dbname="$to dbname=postgres" ||
      fail "$database could not be copied."
  fi
  # Row security lets a superuser see every row.
  diff <(counts "$from" "$database") <(counts "$to" "$database") >&2 || fail "$database: the tables above have not the same rows."
  ask "$to" "$database" analyze
  say "$database: $(ask "$to" "$database" "select pg_size_pretty(pg_database_size(current_database()))"), every table has the rows it had"
done
say "Copied to PostgreSQL $((new / 10000)) in $((SECONDS - began)) s. The first cluster is as it was."
