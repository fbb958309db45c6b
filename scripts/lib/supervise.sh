#!/usr/bin/env bash
# Keeps one process running: starts it again within a second when it dies, ends it on SIGTERM.
#   supervise.sh RUN_DIR NAME STOP_SIGNAL GRACE_SECONDS USER -- COMMAND...
# USER is - for the caller. The environment of the command is RUN_DIR/env/NAME (KEY=VALUE lines) and
# nothing else. Whoever holds the lock pid/NAME.lock is NAME's only supervisor; while it is held, the
# pid in it and the one in pid/NAME.pid are true, so nobody can mistake a recycled pid for ours.
set -u
run=$1 name=$2 signal=$3 grace=$4 user=$5
shift 6
pid=$run/pid/$name log=$run/log/$name.log
max_log_bytes=$((64 << 20))

exec 9>>"$pid.lock"
flock --nonblock 9 || exit 0
printf '%s\n' $$ >"$pid.lock"

# The child dies with us (--pdeathsig), so a killed supervisor leaves no stray.
as_user=(setpriv --pdeathsig "$signal")
[ "$user" = - ] || as_user+=(--reuid "$user" --regid "$user" --init-groups)

say() { printf '%(%FT%T%z)T %s: %s\n' -1 "$name" "$*" >>"$run/log/supervisor.log"; }

child='' stopping='' restarts=0
trap 'stopping=1' TERM INT
trap '' HUP

still_ours() { [ "$pid.lock" -ef /proc/self/fd/9 ]; }

start_child() {
    local environment=()
    mapfile -t environment <"$run/env/$name"
    if [ -f "$log" ] && [ "$(stat -c %s "$log")" -gt "$max_log_bytes" ]; then mv "$log" "$log.1"; fi
    cd / || exit 1
    env -i "${environment[@]}" "${as_user[@]}" "$@" </dev/null >>"$log" 2>&1 9>&- &
    child=$!
    printf '%s\n' "$child" >"$pid.pid"
    printf '%s\n' "$restarts" >"$pid.restarts"
}

# A trapped signal interrupts wait, hence the loop.
await_child() {
    while :; do
        { wait "$child"; } 2>/dev/null # bash would report the kill
        status=$?
        [ -z "$stopping" ] || return
        kill -0 "$child" 2>/dev/null || return
    done
}

stop_child() {
    local deadline=$((SECONDS + grace))
    kill -s "$signal" "$child" 2>/dev/null
    while kill -0 "$child" 2>/dev/null; do
        if ((SECONDS >= deadline)); then
            say "did not end within $grace s of SIG$signal: killed"
            kill -s KILL "$child" 2>/dev/null
            break
        fi
        sleep 0.05
    done
    wait "$child" 2>/dev/null
}

# Milliseconds: at once after a long life, slower when it cannot even start.
first_delay=100 max_delay=2000 delay=$first_delay
while [ -z "$stopping" ]; do
    # Somebody removed the state directory: what it described shall not live on unseen.
    still_ours || exit 0
    born=${EPOCHREALTIME/[.,]/}
    start_child "$@"
    say "started, pid $child"
    await_child
    [ -z "$stopping" ] || break
    lived=$(((${EPOCHREALTIME/[.,]/} - born) / 1000))
    if ((lived >= 1000)); then delay=$first_delay; fi
    restarts=$((restarts + 1))
    say "ended with status $status after $lived ms; starting again in $delay ms"
    sleep "$((delay / 1000)).$(printf %03d $((delay % 1000)))" 9>&- &
    wait $!
    delay=$((delay * 2 > max_delay ? max_delay : delay * 2))
done
stop_child
say 'stopped'
! still_ours || rm -f "$pid.pid" "$pid.restarts" "$pid.spec"
