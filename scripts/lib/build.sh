# shellcheck shell=bash
# Configuring and building. Needs paths.sh and progress.sh.

# What is asked of a build tree is kept in it, so that it is configured again only when that changes; a tree
# that somebody configured by hand (no such file) is built as it is.
BUILD_OPTIONS_FILE=heshi.options

# build_tree DIR LABEL CMAKE_OPTION...  Says nothing but one line when there is nothing to do.
build_tree() {
    local dir=$1 label=$2 log=$1/build.log
    shift 2
    command -v ccache >/dev/null && set -- "$@" -DCMAKE_C_COMPILER_LAUNCHER=ccache
    mkdir -p "$dir"
    build_configure "$dir" "$label" "$@" || return 1
    step_begin "$label" compiling
    # Warnings are errors: all of them at once (-k 0) help more than the first.
    ninja -C "$dir" -j "${HESHI_JOBS:-$(nproc)}" -k 0 </dev/null 2>&1 | tee "$log" | build_progress
    if [ "${PIPESTATUS[0]}" -ne 0 ]; then
        step_warn "$label: it does not compile; the whole output is in $log"
        grep -E -A 4 '(error|undefined reference|Error)[: ]|^FAILED' "$log" | grep -v '^cc\|^ccache\|^/usr/bin' |
            cut -c1-240 | head -n 40 | sed 's/^/    /' >&2
        return 1
    fi
    if grep -q 'no work to do' "$log"; then step_same "$label" 'up to date'; else step_end built; fi
}

build_configure() {
    local dir=$1 label=$2 log=$1/configure.log options
    shift 2
    options=$(printf '%s\n' "$@")
    if [ -f "$dir/build.ninja" ]; then
        [ -f "$dir/$BUILD_OPTIONS_FILE" ] || return 0
        [ "$options" != "$(cat "$dir/$BUILD_OPTIONS_FILE")" ] || return 0
    fi
    step_begin "$label" configuring
    if ! cmake -S "$ROOT" -B "$dir" -G Ninja "$@" </dev/null >"$log" 2>&1; then
        step_warn "$label: cmake cannot configure; the last lines of $log"
        tail -n 15 "$log" | sed 's/^/    /' >&2
        return 1
    fi
    printf '%s\n' "$options" >"$dir/$BUILD_OPTIONS_FILE"
    step_end configured
}

# Ninja's lines begin with [done/all].
build_progress() {
    local line
    while IFS= read -r line; do
        [[ ! $line =~ ^\[([0-9]+/[0-9]+)\] ]] || step_note "${BASH_REMATCH[1]}"
    done
}
