# shellcheck shell=bash
# Waiting for a process to be ready, with a bound, and saying why when it is not.

# await NAME SECONDS CHECK...  Runs CHECK until it succeeds. Prints the step line.
await() {
    local name=$1 seconds=$2 deadline
    shift 2
    deadline=$((SECONDS + seconds))
    until "$@"; do
        if ((SECONDS >= deadline)); then
            await_failed "$name" "$seconds"
            return 1
        fi
        [ $((SECONDS - deadline + seconds)) -lt 3 ] || step_note "waiting ($((SECONDS - deadline + seconds)) s)"
        sleep 0.05
    done
}

await_failed() {
    local name=$1 log=$RUN/log/$1.log restarts
    step_warn "$name is not ready after $2 s"
    restarts=$(cat "$RUN/pid/$name.restarts" 2>/dev/null || echo 0)
    [ "$restarts" = 0 ] || printf '  it died and was started again %s times\n' "$restarts" >&2
    if [ -s "$log" ]; then
        printf '  last lines of %s:\n' "$log" >&2
        tail -n 8 "$log" | cut -c1-300 | sed 's/^/    /' >&2
    else
        printf '  it wrote no log; see %s\n' "$RUN/log/supervisor.log" >&2
    fi
}

tcp_ready() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

http_ready() { curl --silent --fail --max-time 2 --noproxy '*' --output /dev/null "$1"; }
