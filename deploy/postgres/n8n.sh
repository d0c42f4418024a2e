#!/usr/bin/env bash
# The way back of an upgrade of n8n: a dump of its database alone, and the database as it was then. n8n migrates forward only, and a restore of the
# backups brings all databases back. docs/operations/upgrades.md describes the upgrade; ./ytempire n8n runs this in PostgreSQL's container.
#   n8n.sh dump       writes the dump to standard output
#   n8n.sh restore    makes the database anew of the dump on standard input; the one before is kept as n8n_before_restore
#   n8n.sh discard    removes that one
# Exit status: 0 done; 1 not done, nothing was changed, and the last line says why; 2 usage.
set -uo pipefail
export PGUSER=${PGUSER:-postgres} PGOPTIONS='-c client_min_messages=warning'
fail() { printf '%s\n' "$*" >&2; exit 1; }
ask() { psql --no-psqlrc -qAt --set=ON_ERROR_STOP=1 --dbname=postgres "$@"; }
exists() { [ "$(ask -c "select count(*) from pg_database where datname = '$1'")" = 1 ]; }

restore() {
  local start='' words
  exists n8n || fail "There is no database n8n, or PostgreSQL does not answer; nothing was changed."
  ! exists n8n_before_restore || fail "n8n_before_restore has the database of before the last way back. Remove it when it is no longer needed: ./ytempire n8n discard. Nothing was changed."
  # The five bytes with which each begins. The rest goes into the database as it comes: what lies in /tmp takes PostgreSQL's own memory.
  LC_ALL=C IFS= read -r -N 5 start || true
  [ "$start" = PGDMP ] || fail "What was read is no dump of n8n's database; nothing was changed."
  [ "$(ask -c "select count(*) from pg_stat_activity where datname = 'n8n' and usename = 'n8n'")" = 0 ] ||
    fail "n8n is connected: stop it and its workers first (docker compose stop n8n n8n-worker); nothing was changed."
  # A customer's login may never connect.
  ask -c 'drop database if exists n8n_restoring' && ask -c 'create database n8n_restoring owner n8n template template0' &&
    ask -c 'revoke all on database n8n_restoring from public' || fail "The database cannot be made; nothing was changed."
  if ! words=$({ printf %s "$start"; cat; } | pg_restore --dbname=n8n_restoring --exit-on-error 2>&1; exit "${PIPESTATUS[1]}"); then
    ask -c 'drop database n8n_restoring'
    fail "The dump is not whole: $(tail -n 1 <<<"$words"). The database is as it was."
  fi
  # Who may connect is as before. The exporter, which only counts, loses its connection.
  ask >/dev/null <<'SQL' || fail "The databases could not change places; n8n is as it was, and n8n_restoring holds the dump."
begin;
select format('grant %s on database n8n_restoring to %s', x.privilege_type, case x.grantee when 0 then 'public' else x.grantee::regrole::text end)
  from pg_database d, aclexplode(d.datacl) x where d.datname = 'n8n' and x.grantee <> d.datdba \gexec
select pg_terminate_backend(pid, 5000) from pg_stat_activity where datname in ('n8n', 'n8n_restoring');
alter database n8n rename to n8n_before_restore;
alter database n8n_restoring rename to n8n;
commit;
SQL
  printf '%s\n' "n8n's database is as it was dumped. The one before is kept as n8n_before_restore; ./ytempire n8n discard removes it."
}

case "${1:-} $#" in
  'dump 1') pg_dump --format=custom --dbname=n8n || fail "n8n's database could not be dumped." ;;
  'restore 1') restore ;;
  'discard 1') exists n8n_before_restore || fail "There is no database n8n_before_restore."; ask -c 'drop database n8n_before_restore with (force)' ;;
  *) printf 'usage: n8n.sh dump | restore | discard\n' >&2; exit 2 ;;
esac
