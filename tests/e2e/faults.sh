#!/usr/bin/env bash
# Plays the samples while processes are killed, and wants them to end right all the same. Against a running set:
#   eval "$(scripts/env)"; tests/e2e/faults.sh [services|postgres|kafka...]     (default: all three)
# HESHI_SEED repeats the same order and pauses; HESHI_BIN_DIR says where disputectl is. Ends with one line
# `faults: N passed, N failed`, which counts stories.
set -euo pipefail
root=$(cd -- "$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")/../.." && pwd -P)
run=${HESHI_RUN_DIR:?set by eval \"\$(scripts/env)\"}
disputectl=${HESHI_BIN_DIR:-$root/build/bin}/disputectl
services=(intake sla investigation arbitration fund notification)
seed=${HESHI_SEED:-$((SRANDOM % 32768))}
most_plays=4 # of one round: a play may end before its last fault came
passed=0 failed=0 player=''
work=$(mktemp -d)

leave() {
    [ -z "$player" ] || kill "$player" 2>/dev/null || true
    rm -rf "$work"
}
trap leave EXIT
trap 'exit 130' INT TERM

# Waits FROM to TO hundredths of a second.
pause() {
    local hundredths=$(($1 + RANDOM % ($2 - $1)))
    sleep "$((hundredths / 100)).$(printf %02d $((hundredths % 100)))"
}

shuffled() {
    local list=("$@") i j swap
    for ((i = ${#list[@]} - 1; i > 0; i--)); do
        j=$((RANDOM % (i + 1)))
        swap=${list[i]} list[i]=${list[j]} list[j]=$swap
    done
    printf '%s\n' "${list[@]}"
}

# The supervisor starts it again within a second.
hit() {
    local pid
    case $1 in
    flushall) redis-cli -u "$REDIS_URL" flushall >/dev/null ;;
    *)
        pid=$(cat "$run/pid/$1.pid")
        kill -s KILL "$pid"
        ;;
    esac
}

start_play() {
    "$disputectl" play --quiet "$root"/deploy/samples/SC*.json >"$work/play" 2>&1 </dev/null &
    player=$!
}

end_play() {
    local status=0 line
    wait "$player" || status=$?
    player=''
    line=$(grep '^samples: ' "$work/play" | tail -n 1 || true)
    if [[ $line =~ ^samples:\ ([0-9]+)\ passed,\ ([0-9]+)\ failed ]]; then
        passed=$((passed + BASH_REMATCH[1]))
        failed=$((failed + BASH_REMATCH[2]))
        [ "$status" -eq 0 ] || [ "${BASH_REMATCH[2]}" -gt 0 ] || failed=$((failed + 1))
    else
        failed=$((failed + 1))
    fi
    printf '  %s\n' "${line:-no result (exit status $status)}"
    [ "$status" -eq 0 ] || tail -n 30 "$work/play" | cut -c1-300 | sed 's/^/    /'
}

# round NAME FAULT...  Plays, with the faults at random times; plays again while some are left.
round() {
    local name=$1 plays=0 fault faults=()
    shift
    mapfile -t faults < <(shuffled "$@")
    while [ ${#faults[@]} -gt 0 ]; do
        plays=$((plays + 1))
        if [ "$plays" -gt "$most_plays" ]; then
            printf '  %s: the plays ended before %s\n' "$name" "${faults[*]}"
            failed=$((failed + 1))
            return
        fi
        start_play
        pause 100 300
        while [ ${#faults[@]} -gt 0 ] && kill -0 "$player" 2>/dev/null; do
            fault=${faults[0]}
            hit "$fault"
            printf '  %(%T)T %s: %s\n' -1 "$name" "$([ "$fault" = flushall ] && echo 'redis flushall' || echo "kill -9 $fault")"
            faults=("${faults[@]:1}")
            pause 60 220
        done
        end_play
    done
}

printf 'seed %s (HESHI_SEED=%s repeats it)\n' "$seed" "$seed"
RANDOM=$seed
[ $# -gt 0 ] || set -- services postgres kafka
for which; do
    case $which in
    services) round services "${services[@]}" flushall ;;
    postgres) round postgres postgres ;;
    kafka) round kafka kafka ;;
    *) echo "faults.sh: no round '$which'" >&2 && exit 2 ;;
    esac
done
printf 'faults: %s passed, %s failed\n' "$passed" "$failed"
[ "$failed" -eq 0 ]
