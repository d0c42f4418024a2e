#!/usr/bin/env bash
# Backups of the whole PostgreSQL cluster by pgBackRest, in the containers "postgres" (the write-ahead log, WAL) and "backup" (all else). ./ytempire backup calls it;
# docs/operations/backups.md describes it. Runs as the database's user. Exit status: 0 done; 1 not done, and the last line says why; 2 usage;
# 3 a restore ended halfway, and PostgreSQL must not start.
set -uo pipefail

stanza=ytempire
secrets=${BACKUP_SECRETS:-/run/secrets}
state=${BACKUP_STATE:-/var/lib/ytempire-backup}
metrics=${BACKUP_METERS:-/meters}
data=${PGDATA:-/var/lib/postgresql/data}
drive=${PGBACKREST_REPO1_PATH:-/backup/drive}
sockets=${PGHOST:-/var/run/postgresql}
export PGHOST=$sockets PGUSER=${PGUSER:-postgres}
# What a restore test may take of memory; its server is alone and short-lived.
buffers=${BACKUP_TEST_BUFFERS:-128MB}
scratch=
# Set by --one-repository: a restore may go on with the revocations of one repository.
one_repository=

say() { printf '%s\n' "$*"; }
fail() { printf '%s\n' "$*" >&2; exit 1; }
name_of() { if [ "$1" = 1 ]; then echo drive; else echo s3; fi; }

# The passphrases and keys, where there are files of them: the environment of the process is all that pgBackRest takes them from.
load_secrets() {
  local variable file
  while read -r variable file; do
    [ -z "${!variable:-}" ] && [ -s "$secrets/$file" ] && export "$variable=$(cat "$secrets/$file")"
  done <<'PAIRS'
PGBACKREST_REPO1_CIPHER_PASS backup_drive_pass
PGBACKREST_REPO2_CIPHER_PASS backup_s3_pass
PGBACKREST_REPO2_S3_KEY backup_s3_key
PGBACKREST_REPO2_S3_KEY_SECRET backup_s3_key_secret
PAIRS
  return 0
}

back_rest() { pgbackrest --stanza="$stanza" "$@"; }

# Of what pgBackRest printed, a sentence that says what happened to a repository and what to do.
explain() {
  local repository=$1 words
  # Not the lines that repeat the command line.
  words=$(grep -av ' INFO: ' <<<"$2")
  case "$words" in
    *'unable to find primary cluster'* | *'connection to server'*)
      echo "PostgreSQL does not answer; a backup is made while it runs." ;;
    *'unable to flush'* | *CryptoError* | *FormatError*)
      echo "The backups on $repository cannot be decrypted: the passphrase in secrets/backup_${repository}_pass is another one than they were made with. Put the old one back." ;;
    *ExpiredToken* | *InvalidAccessKeyId* | *SignatureDoesNotMatch* | *AccessDenied* | *'403 (Forbidden)'*)
      echo "S3 refuses the credentials: they expired or were withdrawn, or lack a right. Write new ones into secrets/backup_s3_key and secrets/backup_s3_key_secret, and run ./ytempire setup." ;;
    *HostConnectError* | *'unable to connect'* | *'unable to get address'* | *'timeout connecting'* | *FileReadError*'timeout'* | *'503'* | *'connection refused'*)
      echo "$repository does not answer: it is away, or the network is. The WAL is kept in pg_wal until it is back." ;;
    *NoSuchBucket*) echo "The bucket $PGBACKREST_REPO2_S3_BUCKET does not exist." ;;
    *'certificate'*) echo "The certificate of the S3 endpoint is not trusted: $(head -n 1 <<<"$words")" ;;
    *'archive.info'* | *'backup.info'*)
      if [ "$repository" = drive ]; then echo "The drive is not mounted, or it is another drive, or no backups were begun on it: archive.info is missing. Nothing was written. Mount it; on a drive that is to have the first backups, ./ytempire backup init begins them."
      else echo "S3 has no backups under this path (archive.info is missing). ./ytempire backup init begins them."; fi ;;
    *'checksum'* | *ChecksumError* | *'is corrupt'* | *'unable to decompress'*) echo "A file on $repository is damaged: $(grep -m 1 -iE 'checksum|corrupt|decompress' <<<"$words")" ;;
    *'No space left'*) echo "$repository is full." ;;
    *) tail -n 3 <<<"$words" ;;
  esac
}

# Gives a segment of the WAL to both repositories, each by a process of its own that knows the other one not: one that is away must not hold up
# the other. PostgreSQL keeps the segment, and asks for it again, until both have it; meanwhile the one that answers gets what is ready after it.
archive_push() {
  local segment=$1 repo ready good=''
  for repo in 1 2; do
    archive_to "$repo" "$segment" && good="$good $repo"
  done
  [ "$good" = ' 1 2' ] && return 0
  for repo in $good; do
    for ready in $(find pg_wal/archive_status -name '*.ready' | sort | head -n 64); do
      ready=pg_wal/$(basename "$ready" .ready)
      [ "$ready" = "$segment" ] || archive_to "$repo" "$ready" || break
    done
  done
  return 1
}

archive_to() (
  repo=$1
  shift
  work=${PGBACKREST_SPOOL_PATH:-/var/spool/pgbackrest}/repository-$repo
  mkdir -p "$work/lock"
  grep -v "^repo$((3 - repo))-" "${PGBACKREST_CONFIG:-/etc/pgbackrest/pgbackrest.conf}" >"$work/settings.$$" && mv "$work/settings.$$" "$work/settings"
  # shellcheck disable=SC2046
  unset $(compgen -e | grep "^PGBACKREST_REPO$((3 - repo))_")
  PGBACKREST_CONFIG=$work/settings PGBACKREST_SPOOL_PATH=$work PGBACKREST_LOCK_PATH=$work/lock \
    exec pgbackrest --stanza="$stanza" --archive-timeout=15 archive-push "$@"
)

# The passphrase, which pgBackRest takes as an argument for files that are not its own.
passphrase_of() { if [ "$1" = 1 ]; then echo "$PGBACKREST_REPO1_CIPHER_PASS"; else echo "$PGBACKREST_REPO2_CIPHER_PASS"; fi; }

# Runs pgBackRest for a repository; its output only when it fails, explained.
on_repository() {
  local repo=$1 words
  shift
  # What a wrong passphrase makes of a file is no text.
  if words=$(back_rest --repo="$repo" --log-level-console=info "$@" 2>&1 | LC_ALL=C tr -cd '\n\t[:print:]'); then
    printf '%s\n' "$words" >"$state/last-$repo.log" 2>/dev/null || true
    return 0
  fi
  printf '%s\n' "$words" >"$state/last-$repo.log" 2>/dev/null || true
  say "$(name_of "$repo"): $(explain "$(name_of "$repo")" "$words")" >&2
  return 1
}

# A file of metrics, whole or not at all.
write_metrics() {
  local file=$1
  [ -d "$metrics" ] || return 0
  cat >"$metrics/.$file.$$" && chmod 644 "$metrics/.$file.$$" && mv "$metrics/.$file.$$" "$metrics/$file.prom"
}

# Succeeds when the drive, whose folder is there in any case, is mounted; its first backups say so.
has_repository() { back_rest --repo="$1" --output=json info 2>/dev/null | grep -q '"code":0'; }

# Begins the backups in repositories that have none. A drive that is not mounted looks like one: where the other repository has backups, a person
# has to say which one is new.
init() {
  local new=${1:-} repo words has=''
  [ -d "$drive" ] && [ -w "$drive" ] || fail "drive: $drive is not there or cannot be written by the user $(id -un)."
  for repo in 1 2; do
    words=$(back_rest --repo="$repo" repo-get "archive/$stanza/archive.info" 2>&1 >/dev/null)
    if [ $? = 0 ]; then has="$has $(name_of "$repo")"
    elif ! grep -qE 'FileMissing|unable to open missing|NoSuchKey|404' <<<"$words"; then
      fail "$(name_of "$repo"): $(explain "$(name_of "$repo")" "$words")"
    fi
  done
  case "$has" in
    ' drive s3') say "drive: has backups already"; say "s3: has backups already"; return 0 ;;
    '') ;;
    ' drive') [ "$new" = s3 ] || fail "The drive has backups and S3 has none under this path: is it another bucket? If it is to begin anew: ./ytempire backup init s3" ;;
    ' s3') [ "$new" = drive ] || fail "S3 has backups and the drive has none: is it mounted? If it is a new drive: ./ytempire backup init drive" ;;
  esac
  if words=$(back_rest --log-level-console=info stanza-create 2>&1); then
    say "drive: ready"; say "s3: ready"
  else
    fail "$(explain repository "$words")"
  fi
}

# Runs a command alone among the backups. Where one is under way already, as the schedule makes it on a new machine, this one waits for it, at most two
# hours: pgBackRest would refuse.
alone() (
  if ! flock -n 9; then
    say "Another backup is under way; this one begins when that has ended."
    # Not by flock itself: BusyBox', which the image has, waits without end.
    timeout 7200 flock 9 ||
      fail "Another backup has been under way for two hours: nothing was backed up. docker compose logs backup says what it does; docker compose restart backup ends one that hangs. Then repeat this one."
  fi
  "$@" 9>&-
) 9>"$state/now.lock"

# Makes a backup on each repository, or on one; one that fails does not hold up the other.
now() { alone make_backups "$@"; }

make_backups() {
  local type=${1:-incr} only=${2:-} failed=0 repo began
  for repo in 1 2; do
    [ -z "$only" ] || [ "$only" = "$(name_of "$repo")" ] || continue
    began=$(date +%s)
    if on_repository "$repo" --type="$type" backup; then
      say "$(name_of "$repo"): $type backup made in $(($(date +%s) - began)) s"
      date +%s >"$state/backup-$repo"
      [ "$type" = full ] && date +%s >"$state/full-$repo"
      write_metrics "backup_$repo" <<METRICS
# TYPE ytempire_backup_last_success_timestamp_seconds gauge
ytempire_backup_last_success_timestamp_seconds{repository="$(name_of "$repo")"} $(date +%s)
# TYPE ytempire_backup_seconds gauge
ytempire_backup_seconds{repository="$(name_of "$repo")"} $(($(date +%s) - began))
METRICS
    else
      failed=1
    fi
  done
  copy_revocations || failed=1
  return "$failed"
}

list() {
  local repo words status=0
  for repo in 1 2; do
    say "== $(name_of "$repo")"
    # info does not say why a repository cannot be read; asking for a file does.
    if words=$(back_rest --repo="$repo" repo-get "archive/$stanza/archive.info" 2>&1 >/dev/null) && words=$(back_rest --repo="$repo" info 2>&1); then
      say "$words"
    else
      say "$(explain "$(name_of "$repo")" "$words")"
      status=1
    fi
  done
  return "$status"
}

# pgBackRest's verify ends with 0 whatever it finds, and says nothing without --verbose: its words decide.
verify() {
  local failed=0 repo words ok
  for repo in 1 2; do
    ok=away
    # Of a repository that is away it says nothing but "error".
    words=$(back_rest --repo="$repo" repo-get "archive/$stanza/archive.info" 2>&1 >/dev/null) &&
    words=$(back_rest --repo="$repo" --output=text --verbose --log-level-console=warn verify 2>&1) && grep -q '^ *status: ok' <<<"$words" && ! grep -q 'status: error' <<<"$words" && ok=1
    if [ "$ok" = 1 ]; then
      say "$(name_of "$repo"): every file is as it was written"
    else
      failed=1
      printf '%s\n' "$words" >"$state/last-$repo.log" 2>/dev/null || true
      if grep -qE '^ *status: ' <<<"$words"; then
        ok=0
        say "$(name_of "$repo"): backups are damaged: $(grep -iE 'checksum|size|missing|invalid|status: error' <<<"$words" | grep -vE ': 0(,|$)' | head -n 3 | tr -s ' \n' ' ')" >&2
      else
        say "$(name_of "$repo"): $(explain "$(name_of "$repo")" "$words")" >&2
      fi
    fi
    # What could not be read is not damaged; the last answer stays.
    [ "$ok" = away ] || write_metrics "verify_$repo" <<METRICS
# TYPE ytempire_backup_verify_ok gauge
ytempire_backup_verify_ok{repository="$(name_of "$repo")"} $ok
# TYPE ytempire_backup_verify_timestamp_seconds gauge
ytempire_backup_verify_timestamp_seconds{repository="$(name_of "$repo")"} $(date +%s)
METRICS
  done
  [ "$failed" = 1 ] || date +%s >"$state/verify"
  return "$failed"
}

# HMAC-SHA256 (RFC 2104) of standard input, by the SHA-256 of the key's file. Not by a program that takes the key as an argument, which lists of
# processes show.
signature() {
  local key inner='' outer='' byte i digest
  key=$(sha256sum <"$secrets/backup_revocations_key" | cut -c 1-64)
  [ "${#key}" = 64 ] || return 1
  key=$key$(printf '%064d' 0)
  for ((i = 0; i < 128; i += 2)); do
    byte=$((16#${key:i:2}))
    inner+=$(printf '\\x%02x' $((byte ^ 0x36)))
    outer+=$(printf '\\x%02x' $((byte ^ 0x5c)))
  done
  digest=$({ printf '%b' "$inner"; cat; } | sha256sum | cut -c 1-64)
  { printf '%b' "$outer"; printf '%b' "$(sed 's/../\\x&/g' <<<"$digest")"; } | sha256sum | cut -c 1-64
}

# Prints which copies of the list others make needless; a line comes in for each, the oldest first: its name and its number of entries. What stays: the
# sixty newest, for two days of each hour, then of each day, the newest copy, and of those before it each that has more entries than all after it.
# Entries that expire are not counted, so a list grows: there is one copy of a period unless somebody has deleted from the list meanwhile, and it has
# not grown as long again. All copies together would be as large as the list times the minutes in which it changed.
needless_revocations() {
  awk -v recent="$(date -u -d "@$(($(date +%s) - 2 * 86400))" +%Y%m%dT%H%M%SZ)" '
    { name[NR] = $1; entries[NR] = $2 + 0 }
    END {
      for (i = NR - 60; i >= 1; i--) {
        period = substr(name[i], 1, name[i] >= recent ? 11 : 8)
        if (period in most && entries[i] <= most[period]) print name[i]
        else most[period] = entries[i]
      }
    }'
}

# Deletes the needless copies of a repository among those that this machine has noted and that are there: what else is there may be somebody else's,
# who would have ours deleted by it, and what is gone, or on another drive, stands for none.
thin_revocations() {
  local noted=$state/revocation-copies-$1 listed name
  listed=$(back_rest --repo="$1" repo-ls revocations 2>/dev/null) || return 0
  awk 'NR == FNR { there[$1]; next } $1 in there' <(printf '%s\n' "$listed") "$noted" >"$noted.part" && mv "$noted.part" "$noted" || return 0
  for name in $(needless_revocations <"$noted"); do
    back_rest --repo="$1" repo-rm "revocations/$name" >/dev/null 2>&1 || return 0
    sed -i "/^$name /d" "$noted"
  done
}

# The list of revocations, beside the backups and encrypted like them. Each copy is whole and is never written again: no restore, and no
# attacker who may only write, shortens it. A copy is made when the list has changed; those from before the list's 35 days go then, but never the
# ten newest: this machine's clock may be ahead. So do those of this machine that others make needless.
copy_revocations() {
  local list sum entries repo name oldest failed=0 at
  at=$(date +%s)
  list=$(psql -XAtqc 'select core.list_revocations()' "${BACKUP_DATABASE:-ytempire}" 2>/dev/null) || {
    say "PostgreSQL does not answer: the list of revocations was not copied." >&2
    return 1
  }
  [ -s "$secrets/backup_revocations_key" ] || {
    say "secrets/backup_revocations_key is missing or empty: the list of revocations was not copied. Run ./ytempire setup." >&2
    return 1
  }
  # Not those that may expire on this day of UTC, in the list's zone: copies of one day are comparable.
  entries=$(grep -oE '"recorded_at": ?"[0-9]{4}-[0-9]{2}-[0-9]{2}' <<<"$list" |
    awk -F '"' -v since="$(date -u -d "@$((at - 33 * 86400))" +%Y-%m-%d)" '$NF >= since { entries++ } END { print entries + 0 }')
  list=$list$'\n'"hmac-sha256 $(printf '%s\n' "$list" | signature)"
  sum=$(sha256sum <<<"$list" | cut -c 1-64)
  for repo in 1 2; do
    [ "$(cat "$state/revocations-$repo" 2>/dev/null)" = "$sum" ] && continue
    name=revocations/$(date -u -d "@$at" +%Y%m%dT%H%M%SZ)-${sum:0:16}.json
    if printf '%s\n' "$list" | PGBACKREST_CIPHER_PASS=$(passphrase_of "$repo") on_repository "$repo" repo-put "$name"; then
      printf '%s' "$sum" >"$state/revocations-$repo"
      printf '%s %s\n' "${name#revocations/}" "$entries" >>"$state/revocation-copies-$repo"
      oldest=revocations-$(date -u -d "@$(($(date +%s) - 36 * 86400))" +%Y%m%dT%H%M%SZ)
      for name in $(back_rest --repo="$repo" repo-ls revocations 2>/dev/null | sort | head -n -10); do
        if [[ revocations-$name < $oldest ]]; then back_rest --repo="$repo" repo-rm "revocations/$name" >/dev/null 2>&1 || true; fi
      done
      thin_revocations "$repo"
    else
      failed=1
    fi
  done
  return "$failed"
}

# Prints the union of all copies that this stack signed as one JSON array; fails where a repository has copies that cannot be read, with --one-repository where both have.
read_revocations() (
  local repo names name copy signed folder entries answered=0 unread=''
  [ -s "$secrets/backup_revocations_key" ] || { say "secrets/backup_revocations_key is missing or empty: take it from secrets-DATE.tar.age." >&2; return 1; }
  # Copies repeat each other: what they have is made distinct before it is put together, an entry a line, else it would outgrow what jsonb can hold.
  folder=$(mktemp -d "$state/entries.XXXXXX") || return 1
  trap 'rm -rf "$folder"' EXIT
  for repo in 1 2; do
    has_repository "$repo" && names=$(back_rest --repo="$repo" repo-ls revocations 2>/dev/null) || { unread=$(name_of "$repo"); continue; }
    : >"$folder/$repo" || return 1
    signed=0
    for name in $names; do
      if ! copy=$(PGBACKREST_CIPHER_PASS=$(passphrase_of "$repo") back_rest --repo="$repo" repo-get "revocations/$name" 2>&1); then
        say "$(name_of "$repo"): revocations/$name cannot be read: $(explain "$(name_of "$repo")" "$copy")" >&2
        unread=$(name_of "$repo")
        rm "$folder/$repo"
        continue 2
      fi
      if [ "$(sed -n 's/^hmac-sha256 //p' <<<"$copy")" != "$(grep -v '^hmac-sha256 ' <<<"$copy" | signature)" ]; then
        say "$(name_of "$repo"): revocations/$name is not signed by this stack (secrets/backup_revocations_key), or was changed: it was not taken." >&2
        continue
      fi
      signed=1
      grep -v '^hmac-sha256 ' <<<"$copy" | sed -e 's/^\[//' -e 's/\]$//' -e 's/}, {"/},\n{"/g' >>"$folder/$repo" || { say "$state cannot be written: its disk may be full." >&2; return 1; }
    done
    # Somebody has changed all of them, or the key is another.
    [ "$signed" = 1 ] || [ -z "$names" ] || { unread=$(name_of "$repo"); rm "$folder/$repo"; continue; }
    answered=1
  done
  [ "$answered" = 1 ] || return 1
  if [ -n "$unread" ]; then
    say "$unread: its revocations were not read; some may be there alone." >&2
    [ -n "$one_repository" ] || { say "To go on with those of the other repository: --one-repository." >&2; return 1; }
  fi
  # A list without entries is one, too.
  entries=$(cat "$folder"/[12] | sed 's/,$//' | { grep . || [ $? = 1 ]; } | LC_ALL=C sort -u | paste -sd ',') || return 1
  printf '[%s]\n' "$entries"
)

# Starts a server on restored files, alone: no network, no archiving, and no standby, whose name the files may still have, that a commit
# would wait for without an end. Waits until it has reached its moment.
start_scratch() {
  local folder=$1
  rm -f "$folder/postmaster.pid"
  pg_ctl --pgdata="$folder" --log="$scratch/log" --wait --timeout=86400 start --options="-p 5432 -c listen_addresses='' -c unix_socket_directories=$scratch \
    -c hba_file=$scratch/pg_hba.conf -c shared_buffers=$buffers -c archive_mode=off -c archive_command= -c synchronous_standby_names= -c logging_collector=off -c log_destination=stderr -c max_connections=${BACKUP_MAX_CONNECTIONS:-200} -c restart_after_crash=off" >/dev/null || return 1
  # Recovery that ends early stops the server.
  until [ "$(psql -h "$scratch" -p 5432 -XAtqc 'select pg_is_in_recovery()' postgres 2>/dev/null)" = f ]; do
    pg_ctl --pgdata="$folder" status >/dev/null || return 1
    sleep 0.2
  done
}

on_scratch() { psql -h "$scratch" -p 5432 -XAtq -v ON_ERROR_STOP=1 -d "${BACKUP_DATABASE:-ytempire}" "$@"; }

end_scratch() {
  [ -n "$scratch" ] || return 0
  pg_ctl --pgdata="${scratch_data:-$scratch/data}" --mode=immediate stop >/dev/null 2>&1 || true
  rm -rf "$scratch"
  scratch=
}
trap end_scratch EXIT

make_scratch() {
  scratch=$(mktemp -d "${1:-$state}/restore.XXXXXX") || return 1
  # Socket paths are short.
  [ "${#scratch}" -lt 80 ] || { rm -rf "$scratch"; scratch=$(mktemp -d /tmp/restore.XXXXXX); }
  printf 'local all all trust\n' >"$scratch/pg_hba.conf"
}

# When the backups of a repository ended, oldest first.
stops_of() { back_rest --repo="$1" --output=json info 2>/dev/null | grep -oE '"timestamp":\{"start":[0-9]+,"stop":[0-9]+' | sed 's/.*://' | sort -n; }

# Bytes that the newest backup of a repository takes once restored.
size_of() { back_rest --repo="$1" --output=json info 2>/dev/null | grep -oE '"repository":\{[^}]*\},"size":[0-9]+' | tail -n 1 | sed 's/.*://'; }

# Fails, and says why, where a folder has no room for a repository's newest backup and a tenth of it for WAL.
has_room() {
  local repo=$1 folder=$2 needed free
  needed=$(size_of "$repo")
  needed=$((${needed:-0} / 1024 * 11 / 10))
  free=$(df -Pk "$folder" | awk 'NR == 2 { print $4 }')
  [ "$free" -ge "$needed" ] && return 0
  say "$(name_of "$repo"): the restored database needs $((needed / 1024)) MB and $folder has $((free / 1024)) MB free." >&2
  return 1
}

# Restores each repository into an empty folder, to the end of its WAL, and asks for what the live database has now.
restore_test() {
  local failed=0 repo began newest rows live_rows live_mark repository
  # A transaction that the WAL has to bring: a hole in it is not found by verify, and a restore ends at the hole without a word.
  live_mark=$(psql -XAtqc "select floor(extract(epoch from now()))::bigint from txid_current()" postgres 2>/dev/null)
  live_rows=
  if [ -n "$live_mark" ]; then
    psql -XAtqc 'select pg_switch_wal()' postgres >/dev/null
    live_rows=$(psql -XAtqc "$COUNTS" "${BACKUP_DATABASE:-ytempire}" 2>/dev/null)
    wait_archived
  fi
  for repo in 1 2; do
    repository=$(name_of "$repo")
    began=$(date +%s)
    if ! has_room "$repo" "$state"; then
      failed=1
      say "$repository: the restore test was skipped; make room." >&2
      continue
    fi
    make_scratch || fail "No folder for the restore test can be made in $state."
    mkdir -m 700 "$scratch/data"
    if ! on_repository "$repo" --pg1-path="$scratch/data" --archive-mode=off restore; then
      failed=1
    elif ! start_scratch "$scratch/data"; then
      failed=1
      say "$repository: the restored database does not start: $(grep -E 'FATAL|PANIC|ERROR' "$scratch/log" | tail -n 1)" >&2
    else
      # Where no transaction was replayed, the restore ends where its backup does.
      newest=$(on_scratch -c "select floor(extract(epoch from pg_last_xact_replay_timestamp()))::bigint")
      newest=${newest:-$(stops_of "$repo" | tail -n 1)}
      rows=$(on_scratch -c "$COUNTS")
      write_metrics "restore_test_$repo" <<METRICS
# TYPE ytempire_restore_test_timestamp_seconds gauge
ytempire_restore_test_timestamp_seconds{repository="$repository"} $(date +%s)
# TYPE ytempire_restore_test_seconds gauge
ytempire_restore_test_seconds{repository="$repository"} $(($(date +%s) - began))
# TYPE ytempire_restore_test_lost_seconds gauge
ytempire_restore_test_lost_seconds{repository="$repository"} $((${live_mark:-0} > newest ? live_mark - newest : 0))
METRICS
      if [ -n "$live_mark" ] && [ "$newest" -lt "$live_mark" ]; then
        failed=1
        say "$repository: a restore ends $((live_mark - newest)) s before now ($(date -u -d "@$newest" +%Y-%m-%dT%H:%M:%SZ)): a part of the WAL is missing there. Make a full backup now: ./ytempire backup now full" >&2
      else
        say "$repository: restored in $(($(date +%s) - began)) s to $(date -u -d "@$newest" +%Y-%m-%dT%H:%M:%SZ); rows: $(tr '\n' ' ' <<<"$rows")"
        [ -z "$live_rows" ] || [ "$rows" = "$live_rows" ] || say "$repository: the live database has: $(tr '\n' ' ' <<<"$live_rows")"
      fi
    fi
    end_scratch
  done
  [ "$failed" = 1 ] || date +%s >"$state/restore-test"
  return "$failed"
}
COUNTS="select 'users=' || count(*) from core.users union all select 'channels=' || count(*) from core.channels union all select 'channel_days=' || count(*) from core.channel_days union all select 'revocations=' || count(*) from core.revocations order by 1"

# Waits until the WAL that was just closed is in both repositories, for a minute at most.
wait_archived() {
  local end=$(($(date +%s) + 60))
  while [ "$(date +%s)" -lt "$end" ]; do
    [ "$(psql -XAtqc "select not exists (select from pg_ls_archive_statusdir() where name like '%.ready')" postgres)" = t ] && return 0
    sleep 0.5
  done
}

# The newest WAL segment of a repository; its name begins with the timeline, so that of two names the greater is the newer.
newest_wal_of() { back_rest --repo="$1" --output=json info 2>/dev/null | grep -oE '"max":"[0-9A-F]{24}"' | tail -n 1 | cut -d '"' -f 4; }

# Checks a restore without changing anything. Prints the repository that can do it: for the latest moment the one with the newest WAL.
check_restore() {
  local to=$1 wanted=$2 at repo words stop newest best='' newer='' best_newest='' unread=''
  if [ "$to" = latest ]; then at=$(date +%s); else at=$(date -u -d "$to" +%s 2>/dev/null) || fail "'$to' is no time. Write it as 2026-11-25T18:00:00Z, with its zone."; fi
  [ "$to" = latest ] || grep -qE '(Z|[+-][0-9]{2}:?[0-9]{2}|UTC)$' <<<"$to" || fail "'$to' has no time zone: write 2026-11-25T18:00:00Z or 2026-11-25T10:00:00-08:00."
  [ "$at" -le "$(date +%s)" ] || fail "$to is in the future: it is $(date -u +%Y-%m-%dT%H:%M:%SZ) now."
  for repo in 1 2; do
    [ -z "$wanted" ] || [ "$to" = latest ] || [ "$wanted" = "$(name_of "$repo")" ] || continue
    if ! words=$(back_rest --repo="$repo" repo-get "backup/$stanza/backup.info" 2>&1); then
      say "$(name_of "$repo"): $(explain "$(name_of "$repo")" "$words")" >&2
      unread=$repo
      continue
    fi
    stop=$(stops_of "$repo" | head -n 1)
    if [ -z "$stop" ]; then
      say "$(name_of "$repo"): has no backup yet." >&2
    elif [ "$at" -lt "$stop" ]; then
      say "$(name_of "$repo"): $to is before the end of its first backup, $(date -u -d "@$stop" +%Y-%m-%dT%H:%M:%SZ). No earlier moment can be restored from it." >&2
    elif [ "$to" != latest ]; then
      echo "$repo"
      return 0
    else
      newest=$(newest_wal_of "$repo")
      if [ -n "$wanted" ] && [ "$wanted" = "$(name_of "$repo")" ]; then best=$repo; fi
      if [ -z "$wanted" ] && { [ -z "$best" ] || [[ $newest > $best_newest ]]; }; then best=$repo; fi
      if [[ $newest > $best_newest ]]; then
        newer=$repo
        best_newest=$newest
      fi
    fi
  done
  [ -n "$best" ] || fail "No repository can restore $to; nothing was changed."
  if [ "$newer" != "$best" ] && [[ $best_newest > $(newest_wal_of "$best") ]]; then
    say "Warning: $(name_of "$newer") has newer WAL than $(name_of "$best"): without --from $wanted more is restored." >&2
  fi
  if [ -n "$unread" ]; then
    say "Warning: $(name_of "$unread") could not be read; it may have newer WAL than $(name_of "$best")." >&2
  fi
  echo "$best"
}

# Restores the cluster to a moment beside the previous one, replays the revocations, and only then takes its place.
restore() {
  local to='' wanted='' repo began aside revocations words reached previous=''
  while [ $# -gt 0 ]; do
    case "$1 ${2:-}" in
      '--latest '*) to=latest; shift; continue ;;
      '--one-repository '*) one_repository=1; shift; continue ;;
      '--to '?*) to=$2 ;;
      '--from drive' | '--from s3') wanted=$2 ;;
      *) say "backup restore takes --to TIME or --latest, --from drive or s3, and --one-repository, not '$1 ${2:-}'." >&2; exit 2 ;;
    esac
    shift 2
  done
  [ -n "$to" ] || { say "backup restore needs --to TIME, such as 2026-11-25T18:00:00Z, or --latest." >&2; exit 2; }
  repo=$(check_restore "$to" "$wanted") || exit 1
  began=$(date +%s)
  # Only "no response" (2) is a server that is down: one that starts or stops rejects connections (1).
  if [ -e "$data/postmaster.pid" ] && { pg_isready -q 2>/dev/null; [ $? != 2 ]; }; then fail "PostgreSQL runs on $data. ./ytempire backup restore stops it first; nothing was changed."; fi
  [ ! -e "$data/before-restore" ] || fail "$data/before-restore has the previous database, of before the last restore. Remove it when it is no longer needed: ./ytempire backup discard. Nothing was changed."
  revocations=$(read_revocations) || fail "The revocations cannot be read; nothing was changed."
  has_room "$repo" "$data" || fail "Nothing was changed. Make room on the disk of the database."
  # On the same disk, so that it can take the previous one's place at once.
  rm -rf "$data/restoring"
  mkdir -p -m 700 "$data/restoring" || fail "$data cannot be written; nothing was changed."
  make_scratch
  scratch_data=$data/restoring
  say "Restoring $to from $(name_of "$repo") ..."
  local target=(--type=default)
  [ "$to" = latest ] || target=(--type=time "--target=$(date -u -d "$to" '+%Y-%m-%d %H:%M:%S+00')" --target-action=promote)
  if ! on_repository "$repo" --pg1-path="$data/restoring" --archive-mode=off "${target[@]}" restore; then
    rm -rf "$data/restoring"
    fail "The previous database is as it was."
  fi
  if ! start_scratch "$data/restoring"; then
    # Not the answers to our own questions meanwhile.
    words=$(grep -E 'FATAL|PANIC|ERROR' "$scratch/log" | grep -vE 'in recovery mode|starting up|shutting down' | tail -n 1)
    pg_ctl --pgdata="$data/restoring" --mode=immediate stop >/dev/null 2>&1
    rm -rf "$data/restoring"
    case "$words" in
      *'recovery ended before configured recovery target was reached'*) fail "The WAL on $(name_of "$repo") ends before $to: a part of it is missing there. Take an earlier moment, or the other repository (--from). The previous database is as it was." ;;
      *) fail "The restored database does not start: $words. The previous database is as it was." ;;
    esac
  fi
  # Where no transaction was replayed, the restore ends where its backup does.
  reached=$(on_scratch -c "select floor(extract(epoch from pg_last_xact_replay_timestamp()))::bigint")
  reached=$(date -u -d "@${reached:-$(stops_of "$repo" | tail -n 1)}" +%Y-%m-%dT%H:%M:%SZ)
  replay_on_scratch "$revocations" || { rm -rf "$data/restoring"; fail "The replay failed. The previous database is as it was."; }
  pg_ctl --pgdata="$data/restoring" --wait --timeout=3600 stop >/dev/null || fail "The restored database does not stop; see $scratch/log. The previous one is as it was."
  # The file that turned archiving off here must not do so afterwards.
  sed -i '/^archive_mode = /d' "$data/restoring/postgresql.auto.conf"
  aside=$data/before-restore
  # A new machine has none.
  if [ -n "$(find "$data" -mindepth 1 -maxdepth 1 ! -name restoring -print -quit)" ]; then
    previous=' The previous database is in before-restore; ./ytempire backup discard removes it.'
    mkdir -m 700 "$aside"
    find "$data" -mindepth 1 -maxdepth 1 ! -name restoring ! -name before-restore -exec mv -t "$aside" {} + || half_moved "Moving the previous database aside failed: it is in $data and $aside, the restored one in $data/restoring."
  fi
  find "$data/restoring" -mindepth 1 -maxdepth 1 -exec mv -t "$data" {} + && rmdir "$data/restoring" || half_moved "Moving the restored database failed: it is in $data and $data/restoring, the previous one in $aside."
  rm -f "$data/postmaster.pid"
  # An empty volume has the mode of the image's folder, which is everybody's.
  chmod 700 "$data"
  # What was archived lies on the old timeline; the next copy is compared with nothing.
  rm -f "$state"/revocations-*
  say "Restored to $reached from $(name_of "$repo") in $(($(date +%s) - began)) s.$previous"
}

# Ends with a status of its own: two databases lie mixed in one folder, and PostgreSQL must not start on them.
half_moved() {
  say "$* Start nothing; docs/operations/backups.md says how to go on." >&2
  exit 3
}

replay_on_scratch() {
  local line
  printf '%s' "$1" >"$scratch/revocations.json"
  # A database of a version before this one has no list.
  if [ "$(on_scratch -c "select to_regprocedure('core.open_timeline()') is not null")" != t ]; then
    say "The restored database is of a version without a list of revocations: nothing was replayed."
    return 0
  fi
  line=$(on_scratch -1 -v "at=$(date -u +%Y-%m-%dT%H:%M:%SZ)" -f - <<SQL
create temporary table list (content text);
\\copy list from '$scratch/revocations.json' with (format csv, delimiter E'\\x01', quote E'\\x02')
-- A database of a version before this one may not know a kind.
create temporary table entries as
select e.value as entry, position(quote_literal(e.value ->> 'kind') in (select pg_get_constraintdef(oid) from pg_constraint where conname = 'revocations_kind_known')) > 0 as is_known
  from jsonb_array_elements((select coalesce(string_agg(content, ''), '[]') from list)::jsonb) e;
select core.require_revocations((select coalesce(jsonb_agg(entry), '[]') from entries), :'at');
select 'Ended again: ' || string_agg(kind || ' ' || replayed, ', ') from core.replay_revocations((select coalesce(jsonb_agg(entry), '[]') from entries where is_known), :'at');
select exists (select from entries where not is_known) as is_older \\gset
\\if :is_older
set role ytempire_owner;
create table if not exists sec.postponed_revocations (entry jsonb not null);
reset role;
insert into sec.postponed_revocations select distinct entry from entries where not is_known;
select 'Ended again by the migration, before a sidecar starts: ' || count(*) || ' of a kind that this database is too old to know' from sec.postponed_revocations;
\\endif
select 'Quota buckets of today that count as used: ' || core.close_quota_day(:'at');
select core.open_timeline();
SQL
  ) || return 1
  sed '/^$/d' <<<"$line"
}

# After a restore by hand, or the promotion of a standby: what restore does by itself.
replay() {
  scratch=$sockets
  local revocations
  revocations=$(read_revocations) || { scratch=; fail "The revocations cannot be read; nothing was changed."; }
  scratch=$(mktemp -d /tmp/restore.XXXXXX)
  printf '%s' "$revocations" >"$scratch/revocations.json"
  on_scratch() { psql -XAtq -v ON_ERROR_STOP=1 -d "${BACKUP_DATABASE:-ytempire}" "$@"; }
  replay_on_scratch "$revocations" || { rm -rf "$scratch"; scratch=; fail "The replay failed; nothing was changed."; }
  rm -rf "$scratch"
  scratch=
}

discard() {
  [ -d "$data/before-restore" ] || fail "There is no previous database."
  # A restore that ended halfway: the previous database may be the only whole one.
  [ -e "$data/PG_VERSION" ] && [ ! -e "$data/restoring" ] || fail "$data holds no whole database: the restore ended halfway. Nothing was removed; docs/operations/backups.md says how to go on."
  rm -rf "$data/before-restore"
  say "The previous database is removed."
}

# Standard input, the encrypted bundle of secrets, as a file beside the backups. Not under their passphrases: those are in it.
put_secrets() {
  local failed=0 file name oldest repo old
  file=$(mktemp "$state/bundle.XXXXXX")
  cat >"$file"
  name=secrets-$(date -u +%Y%m%d).tar.age
  if has_repository 1; then cp "$file" "$drive/$name.part" && mv "$drive/$name.part" "$drive/$name" && say "drive: $name" || failed=1
  else say "drive: $(explain drive archive.info)" >&2; failed=1; fi
  if (
    unset PGBACKREST_REPO2_CIPHER_PASS
    PGBACKREST_REPO2_CIPHER_TYPE=none on_repository 2 repo-put "$name" <"$file"
  ); then say "s3: $name"; else failed=1; fi
  rm -f "$file"
  # The secrets of before a change go with the backups that were made then.
  oldest=secrets-$(date -u -d "@$(($(date +%s) - 22 * 86400))" +%Y%m%d).tar.age
  for repo in 1 2; do
    for old in $(back_rest --repo="$repo" repo-ls 2>/dev/null | grep -E '^secrets-[0-9]{8}\.tar\.age$'); do
      if [[ $old < $oldest ]]; then back_rest --repo="$repo" repo-rm "$old" >/dev/null 2>&1 || failed=1; fi
    done
  done
  return "$failed"
}

# The backup that is due on a repository: full, incr or none. Arguments: the time now, and of its last full backup and last backup (0: none).
due() {
  local now=$1 full=$2 any=$3 hour
  hour=$(date -u -d "@$now" +%-H)
  # Once a day, in the hour that is set; at once when there is none yet, or when a day was missed.
  if [ "$full" = 0 ]; then echo full
  elif { [ "$hour" = "${BACKUP_HOUR:-9}" ] && [ $((now - any)) -gt 43200 ]; } || [ $((now - any)) -gt 93600 ]; then
    if [ $((now - full)) -gt 561600 ]; then echo full; else echo incr; fi
  fi
}

last() { cat "$state/$1" 2>/dev/null || echo 0; }

# The backup that is due on a repository now.
due_on() { due "$(date +%s)" "$(last "full-$1")" "$(last "backup-$1")"; }

# Makes the backup that is due on a repository, if one is: the one that this waited for may have been it.
make_if_due() {
  local type
  type=$(due_on "$1")
  [ -z "$type" ] || make_backups "$type" "$(name_of "$1")"
}

# Succeeds when so many seconds have passed since the last attempt, and notes this one: what failed is due again at once.
is_time() {
  local task=$1 pause=$2
  [ $(($(date +%s) - $(last "tried-$task"))) -gt "$pause" ] || return 1
  date +%s >"$state/tried-$task"
}

# Makes what is due. A repository that is away is tried again an hour later, and does not make anything due on the other one.
make_due() {
  local repo
  for repo in 1 2; do
    if [ -n "$(due_on "$repo")" ] && is_time "backup-$repo" 3600; then alone make_if_due "$repo"; fi
  done
  # Weekly, once there is a backup; a day after one that failed.
  if [ "$(last full-1)" != 0 ] || [ "$(last full-2)" != 0 ]; then
    if [ $(($(date +%s) - $(last verify))) -gt 604800 ] && is_time verify 86400; then verify; fi
    if [ $(($(date +%s) - $(last restore-test))) -gt 604800 ] && is_time restore-test 86400; then restore_test; fi
  fi
  # It holds what was erased since: it must not outlive the backups.
  if [ -n "$(find "$data/before-restore" -maxdepth 0 -mtime +6 2>/dev/null)" ]; then (discard); fi
}

# Every minute, also while a backup is made: the revocations, and that this runs. Ends with its parent.
copy_revocations_always() {
  while kill -0 $$ 2>/dev/null; do
    date +%s >"$state/alive"
    write_metrics backup_alive <<METRICS
# TYPE ytempire_backup_alive_timestamp_seconds gauge
ytempire_backup_alive_timestamp_seconds $(last alive)
METRICS
    if psql -XAtqc 'select 1' postgres >/dev/null 2>&1; then copy_revocations || true; fi
    sleep 60
  done
}

# Every minute what is due, and beside it the revocations.
schedule() {
  local copying
  [ -e "$state/begun" ] || date +%s >"$state/begun"
  write_metrics backup <<METRICS
# TYPE ytempire_backup_begun_timestamp_seconds gauge
ytempire_backup_begun_timestamp_seconds{repository="drive"} $(last begun)
ytempire_backup_begun_timestamp_seconds{repository="s3"} $(last begun)
METRICS
  copy_revocations_always &
  copying=$!
  trap 'kill "$copying" 2>/dev/null; end_scratch; exit 0' TERM INT
  while :; do
    if psql -XAtqc 'select 1' postgres >/dev/null 2>&1; then make_due; fi
    sleep 60 &
    wait $!
  done
}

command=${1:-}
[ $# -gt 0 ] && shift
load_secrets
case "$command" in
  archive-push) archive_push "$@" ;;
  init) case "${1:-}" in '' | drive | s3) init "$@" ;; *) say "backup init takes drive or s3, not '$1'." >&2; exit 2 ;; esac ;;
  now)
    case "${1:-incr} ${2:-}" in
      'full '* | 'incr '* | 'diff '*) ;;
      *) say "backup now takes full, diff or incr, not '$1'." >&2; exit 2 ;;
    esac
    case "${2:-}" in
      '' | drive | s3) now "${1:-incr}" "${2:-}" ;;
      *) say "backup now takes drive or s3 after the type, not '$2'." >&2; exit 2 ;;
    esac ;;
  list) list ;;
  verify) verify ;;
  test) restore_test ;;
  check-restore)
    [ "${3:-}" != --one-repository ] || one_repository=1
    check_restore "${1:-}" "${2:-}" >/dev/null && { read_revocations >/dev/null || fail "The revocations cannot be read; nothing was changed."; } ;;
  restore) restore "$@" ;;
  replay) [ "${1:-}" != --one-repository ] || one_repository=1; replay ;;
  discard) discard ;;
  put-secrets) put_secrets ;;
  copy-revocations) copy_revocations ;;
  read-revocations) read_revocations ;;
  due) due "$@" ;;
  make-due) make_due ;;
  schedule) schedule ;;
  alive) [ $(($(date +%s) - $(last alive))) -lt 300 ] ;;
  *) say "backup.sh: there is no command '$command'." >&2; exit 2 ;;
esac
