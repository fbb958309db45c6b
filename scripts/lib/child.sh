# shellcheck shell=bash
# Starting and ending supervised processes. A process is known by its name; its supervisor holds
# .run/pid/NAME.lock, which is how we know that it runs.

child_alive() {
    [ -e "$RUN/pid/$1.lock" ] && ! flock --nonblock "$RUN/pid/$1.lock" true
}

child_pid() { cat "$RUN/pid/$1.pid" 2>/dev/null || true; }

# What a running process was started with: command, environment and the files it runs. CHILD_WATCH
# may name more files (modules of a script).
CHILD_WATCH=()
child_spec() {
    local name=$1 word files=("${CHILD_WATCH[@]}")
    shift
    for word; do [ ! -f "$word" ] || files+=("$word"); done
    {
        printf '%s\n' "$@"
        cat "$RUN/env/$name"
        stat -L -c '%n %i %s %Y' "${files[@]}"
    } | sha256sum | cut -c1-32
}

# Says what environment NAME gets, all of it: KEY=VALUE lines on standard input. Before child_start.
child_env() {
    cat >"$RUN/env/$1.new"
    mv "$RUN/env/$1.new" "$RUN/env/$1"
}

# child_start NAME STOP_SIGNAL GRACE_SECONDS USER COMMAND...  Starts NAME, or starts it anew when
# command, environment or program differ from those it runs with (a service built again).
# CHILD_STARTED tells whether anything was done.
child_start() {
    local name=$1 signal=$2 grace=$3 user=$4 spec
    shift 4
    CHILD_STARTED=''
    spec=$(child_spec "$name" "$@")
    if child_alive "$name"; then
        [ "$spec" != "$(cat "$RUN/pid/$name.spec" 2>/dev/null)" ] || return 0
        child_stop "$name"
        child_await_end "$name" $((grace + 2)) || true
    fi
    # shellcheck disable=SC2034 # for the caller
    CHILD_STARTED=1
    # Descriptor 8 is the lock of `up`: a supervisor that kept it would bar the next start.
    setsid "$LIB/supervise.sh" "$RUN" "$name" "$signal" "$grace" "$user" -- "$@" \
        </dev/null >>"$RUN/log/supervisor.log" 2>&1 8>&- &
    disown
    printf '%s\n' "$spec" >"$RUN/pid/$name.spec"
}

# Asks the supervisor to end its process; does not wait.
child_stop() {
    local supervisor
    child_alive "$1" || return 0
    supervisor=$(<"$RUN/pid/$1.lock")
    [ -z "$supervisor" ] || kill -s TERM "$supervisor" 2>/dev/null || true
}

# Waits until NAME's supervisor is gone. Bounded; the last resort kills both, which frees the lock.
child_await_end() {
    local name=$1 seconds=$2 pid supervisor
    [ -e "$RUN/pid/$name.lock" ] || return 0
    if flock --timeout "$seconds" "$RUN/pid/$name.lock" true; then return 0; fi
    pid=$(child_pid "$name")
    supervisor=$(<"$RUN/pid/$name.lock")
    [ -z "$supervisor" ] || kill -s KILL "$supervisor" 2>/dev/null || true
    [ -z "$pid" ] || kill -s KILL "$pid" 2>/dev/null || true
    flock --timeout 2 "$RUN/pid/$name.lock" true
}
