# shellcheck shell=bash disable=SC2154  # the globals are set by ../cluster
# Messages, programs, waiting, and processes that are known by id and start time.
# Uses the global $dir, the directory of the cluster.

say() { printf 'cluster: %s\n' "$1" >&2; }

die() {
  say "$1"
  exit "${2:-1}"
}

# 77 is what CTest and automake take for "skipped".
skip() {
  printf 'skipped: the tests on a real cluster: %s\n' "$1" >&2
  exit 77
}

# component_failed COMPONENT MESSAGE: ends the program with the last lines of the component's log.
component_failed() {
  local log=$dir/logs/$1.log
  say "$1: $2"
  if [[ -s $log ]]; then
    say "the last lines of $log:"
    tail -n 25 "$log" >&2
  fi
  exit 1
}

need_programs() {
  local program missing=()
  for program in "$@"; do
    command -v "$program" >/dev/null || missing+=("$program")
  done
  [[ ${#missing[@]} -eq 0 ]] ||
    skip "missing: ${missing[*]} (apt-get install the packages in tests/cluster/packages.txt)"
}

# Sets $assets to the directory of the Kubernetes programs named by the arguments.
find_assets() {
  local program missing=()
  assets=${KUBEBUILDER_ASSETS:-${XDG_CACHE_HOME:-${HOME:-/}/.cache}/fairlead/kube}
  for program in "$@"; do
    [[ -x $assets/$program ]] || missing+=("$program")
  done
  [[ ${#missing[@]} -eq 0 ]] ||
    skip "missing: ${missing[*]} in $assets (build with tools/kube-assets, or set KUBEBUILDER_ASSETS)"
}

find_kubectl() {
  local cached=${XDG_CACHE_HOME:-${HOME:-/}/.cache}/fairlead/kubectl-1.20/usr/bin/kubectl
  kubectl=${KUBECTL:-$(command -v kubectl || true)}
  [[ -n $kubectl || ! -x $cached ]] || kubectl=$cached
  [[ -n $kubectl ]] || skip 'missing: kubectl (fetch it with tools/debian-kubectl, or set KUBECTL)'
}

# admin ARGUMENTS...: kubectl as the cluster's administrator.
admin() {
  "$kubectl" --kubeconfig "$dir/admin.kubeconfig" --cache-dir "$dir/kubectl-cache" "$@"
}

# await SECONDS COMPONENT WHAT COMMAND...: repeats COMMAND till it succeeds. Gives up when the component
# has ended or the time is over.
await() {
  local seconds=$1 component=$2 what=$3 end
  shift 3
  end=$((SECONDS + seconds))
  until "$@" >/dev/null 2>&1; do
    is_running "$component" || component_failed "$component" "ended before $what"
    [[ $SECONDS -lt $end ]] || component_failed "$component" "$what: not after $seconds s"
    sleep 0.1
  done
}

# A process id can be given to another process later; together with its start time it cannot.
start_time() {
  local stat fields
  { stat=$(<"/proc/$1/stat"); } 2>/dev/null || return 1
  read -ra fields <<<"${stat##*) }"
  [[ ${fields[0]} != Z ]] || return 1
  printf '%s' "${fields[19]}"
}

is_alive() { [[ $(start_time "$1") == "$2" ]]; }

# launch COMPONENT COMMAND...: runs it apart from this program's session and terminal, logs to
# logs/COMPONENT.log, and has it write itself into the list of processes before it becomes COMMAND,
# so that there is no moment in which it runs unrecorded.
launch() {
  local component=$1
  shift
  # shellcheck disable=SC2016  # expanded by the inner shell
  setsid bash -c '
    stat=$(</proc/$$/stat)
    fields=(${stat##*) })
    printf "%s %s %s\n" "$2" $$ "${fields[19]}" >>"$1/pids"
    shift 2
    exec "$@"' launch "$dir" "$component" "$@" </dev/null >>"$dir/logs/$component.log" 2>&1 &
  disown
  await_record "$component"
}

await_record() {
  local tries
  for ((tries = 0; tries < 100; tries++)); do
    [[ -z $(recorded "$1") ]] || return 0
    sleep 0.02
  done
  component_failed "$1" 'did not start'
}

# Prints "PID START_TIME" of the component's latest start.
recorded() {
  [[ -e $dir/pids ]] || return 0
  awk -v component="$1" '$1 == component { found = $2 " " $3 } END { if (found) print found }' "$dir/pids"
}

is_running() {
  local pid start
  read -r pid start <<<"$(recorded "$1")"
  [[ -n $pid ]] && is_alive "$pid" "$start"
}

# Kills all recorded processes and waits till they are gone.
kill_recorded() {
  local component pid start tries
  [[ -e $dir/pids ]] || return 0
  while read -r component pid start; do
    if is_alive "$pid" "$start"; then
      [[ $component != node ]] || pid=$(first_of_node "$pid")
      kill -KILL "$pid" 2>/dev/null || true
    fi
  done <"$dir/pids"
  while read -r component pid start; do
    for ((tries = 0; tries < 250; tries++)); do
      is_alive "$pid" "$start" || continue 2
      sleep 0.02
    done
    say "$component (process $pid) does not end"
  done <"$dir/pids"
}

# choose_ports VARIABLE...: sets each to a port that nothing listens on, below the range that the kernel
# gives to outgoing connections.
choose_ports() {
  local variable port=$((20000 + RANDOM % 10000))
  for variable in "$@"; do
    while (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; do
      port=$((port + 1))
    done
    printf -v "$variable" '%s' "$port"
    port=$((port + 1))
  done
}
