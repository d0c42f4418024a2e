#!/usr/bin/env bash
# Lowers the processor priority of tenants' sessions of PostgreSQL that compute much, so that they take only what nobody else needs. PostgreSQL has no
# priorities of its own; docs/architecture/security.md says what this bounds. Runs as the user of the server's processes, in their process namespace;
# it needs no login and no capability, and never ends or stops a session.
#   priorities.sh [PID]    of the server's first process (1); ends with it
# Only a privileged process may raise a priority: a lowered session stays so until it is opened again.
# No file names are made of what is split.
set -ufo pipefail
export LC_ALL=C

server=${1:-1}
# A login may compute SHARE percent of one processor all the time, and BURST hundredths of a second beyond that.
share=${PRIORITIES_SHARE:-10}
burst=${PRIORITIES_BURST:-50}
# What a login has computed beyond that is forgotten after DEBT / SHARE seconds at the latest, by default 40.
debt=${PRIORITIES_DEBT:-400}
meters=${PRIORITIES_METERS:-}
children=/proc/$server/task/$server/children
[ -r "$children" ] || { printf 'priorities: there is no process %s, or the kernel does not list its children\n' "$server" >&2; exit 1; }

# Times here are in hundredths of a second, as in /proc, and accounts in hundredths of those.
declare -A computed=() account=() tenant_of=()
lowered=0
before=0

report() {
  [ -n "$meters" ] || return 0
  printf '%s\n' '# HELP ytempire_postgres_sessions_lowered_total Sessions of customers whose processor priority was lowered.' \
    '# TYPE ytempire_postgres_sessions_lowered_total counter' "ytempire_postgres_sessions_lowered_total $lowered" \
    '# HELP ytempire_postgres_priorities_checked_timestamp_seconds When the priorities of sessions were last looked at, to a minute.' \
    '# TYPE ytempire_postgres_priorities_checked_timestamp_seconds gauge' "ytempire_postgres_priorities_checked_timestamp_seconds $EPOCHSECONDS" \
    >"$meters.new" && mv "$meters.new" "$meters"
  reported=$lowered reported_at=$before
}

# Of the whole session, too: where a kernel groups processes by session, a process's own priority counts only within that.
lower() {
  renice 19 -p "$1" >/dev/null 2>&1 && lowered=$((lowered + 1))
}

look() {
  local uptime now pid title role key line group
  local -a pids stat
  local -A role_of=() nice_of=() seen=() known=()
  read -r uptime _ </proc/uptime
  now=${uptime/./}
  read -r -a pids <"$children"
  for pid in ${pids[@]+"${pids[@]}"}; do
    line=
    read -r line <"/proc/$pid/stat"
    # shellcheck disable=SC2206
    stat=(${line##*) })
    [ "${#stat[@]}" -gt 20 ] || continue
    key=$pid.${stat[19]}
    role=${tenant_of[$key]-}
    if [ -z "$role" ]; then
      title=
      IFS= read -r -d '' title <"/proc/$pid/cmdline"
      if [[ $title =~ ^postgres:\ (tenant_[0-9a-f]{32})\  ]]; then
        role=${BASH_REMATCH[1]}
      elif [[ $title =~ ^postgres:\ parallel\ worker\ for\ PID\ ([0-9]+) ]]; then
        role=${role_of[${BASH_REMATCH[1]}]-}
      fi
      [ -n "$role" ] || continue
    fi
    known[$key]=$role
    role_of[$pid]=$role
    nice_of[$pid]=${stat[16]}
    seen[$key]=$((stat[11] + stat[12]))
    account[$role]=$((${account[$role]-0} + 100 * (seen[$key] - ${computed[$key]-0})))
  done
  tenant_of=()
  for key in "${!known[@]}"; do tenant_of[$key]=${known[$key]}; done
  computed=()
  for key in "${!seen[@]}"; do computed[$key]=${seen[$key]}; done
  for role in "${!account[@]}"; do
    account[$role]=$((account[$role] - (now - before) * share))
    ((account[$role] > 100 * debt)) && account[$role]=$((100 * debt))
    ((account[$role] > 0)) || unset "account[$role]"
  done
  before=$now
  for pid in "${!role_of[@]}"; do
    ((${account[${role_of[$pid]}]-0} > 100 * burst)) || continue
    ((nice_of[$pid] < 19)) && lower "$pid"
    group=
    read -r group <"/proc/$pid/autogroup" && [[ $group != *' nice 19' ]] && echo 19 >"/proc/$pid/autogroup"
  done
}

# A pipe that nobody writes to: to wait starts no process.
exec {never}<> <(:)
reported=-1
reported_at=0
while [ -e "$children" ]; do
  # A process may end between two lines.
  look 2>/dev/null
  ((lowered != reported || before - reported_at > 6000)) && report
  read -r -t 0.2 -u "$never"
done
