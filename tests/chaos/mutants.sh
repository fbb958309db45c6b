#!/usr/bin/env bash
# Builds the services with one guard left out, three times, and wants that to be noticed: by the guard's own test, and by
# one of five chaos runs. Needs servers for the component tests: `eval "$(scripts/env)"` of a running set.
# Ends with one line `mutants: N passed, N failed`.
#   tests/chaos/mutants.sh [fence|sequence|timer-generation ...]
set -euo pipefail
root=$(cd -- "$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")/../.." && pwd -P)
passed=0 failed=0
declare -A own_test=([fence]=component_lane_test_takeover [sequence]=component_lane_test_order
    [timer-generation]=common_io_test_lane)
declare -A own_case=([fence]='a_zombie_is_fenced_applies_nothing_of_its_batch_and_rejoins'
    [sequence]='duplicates_are_dropped_by_their_lane_sequence'
    [timer-generation]='a_firing_counts_for_the_wait_that_it_was_set_for_only')

verdict() { # OK WHAT
    if [ "$1" = yes ]; then passed=$((passed + 1)); else failed=$((failed + 1)); fi
    printf '  %s: %s\n' "$2" "$([ "$1" = yes ] && echo noticed || echo 'NOT noticed')"
}

build() {
    local tree=$1 guard=$2 launcher=()
    ! command -v ccache >/dev/null || launcher=(-DCMAKE_C_COMPILER_LAUNCHER=ccache)
    cmake -S "$root" -B "$tree" -G Ninja -DCMAKE_BUILD_TYPE=RelWithDebInfo -DHESHI_TESTS=ON "-DHESHI_WITHOUT=$guard" \
        "${launcher[@]}" >/dev/null 2>&1
    ninja -C "$tree" -j "${HESHI_JOBS:-$(nproc)}" intake sla investigation arbitration fund notification disputectl \
        "${own_test[$guard]}" >"$tree/build.log" 2>&1 || { tail -n 20 "$tree/build.log" >&2 && exit 1; }
}

# A broken guard may also make a test wait for ever: that is noticed, too.
own_test_fails() {
    local log=$1/own-test.log
    timeout 240 "$1/tests/${own_test[$2]}" >"$log" 2>&1 || true
    ! grep -q "\[       OK \] ${own_case[$2]}\$" "$log"
}

# The shape of these runs: many stops with a batch in flight, many copies, some kills.
a_seed_fails() {
    local seed
    for seed in 1 2 3 4 5; do
        if ! HESHI_BIN_DIR=$1/bin HESHI_CHAOS_RUN_DIR=${HESHI_MUTANTS_RUN_DIR:-$root/.run/mutants} \
            "$root/scripts/chaos" --kills 12 --stops 8 --disputes 120 --copies 10 --minutes 1 --seed "$seed" \
            >"$1/chaos-$seed.log" 2>&1; then
            tail -n 2 "$1/chaos-$seed.log" | sed 's/^/    /'
            grep -q '^chaos: ' "$1/chaos-$seed.log" # broken, not found out
            return
        fi
    done
    return 1
}

[ $# -gt 0 ] || set -- fence sequence timer-generation
for guard; do
    [ -n "${own_test[$guard]:-}" ] || { echo "mutants.sh: no guard '$guard'" >&2 && exit 2; }
    tree=$root/build-without-$guard
    build "$tree" "$guard"
    if own_test_fails "$tree" "$guard"; then verdict yes "$guard, its own test"; else verdict no "$guard, its own test"; fi
    if a_seed_fails "$tree"; then verdict yes "$guard, chaos"; else verdict no "$guard, chaos"; fi
done
printf 'mutants: %s passed, %s failed\n' "$passed" "$failed"
[ "$failed" -eq 0 ]
