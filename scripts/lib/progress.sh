# shellcheck shell=bash
# Step lines: `▸ postgres … ready (1.2 s)`. On a terminal a running step rewrites its line; elsewhere
# a step is one line when it ends, and a long one says every ten seconds how far it is.

PROGRESS_TTY=''
[ ! -t 1 ] || [ "${TERM:-dumb}" = dumb ] || PROGRESS_TTY=1
PROGRESS_MARK='>' PROGRESS_DOTS='...'
[ -z "${HESHI_UTF8:-}" ] || { PROGRESS_MARK='▸' PROGRESS_DOTS='…'; }
STEP_NAME='' STEP_START=0 STEP_NOTED=0

# Microseconds since the epoch.
now_us() { printf '%s' "${EPOCHREALTIME/[.,]/}"; }

# Seconds with one decimal since the instant $1 (microseconds).
elapsed_s() {
    local tenths=$((($(now_us) - $1 + 50000) / 100000))
    printf '%d.%d' $((tenths / 10)) $((tenths % 10))
}

step_begin() {
    STEP_NAME=$1 STEP_START=$(now_us) STEP_NOTED=$SECONDS
    [ -z "$PROGRESS_TTY" ] || printf '%s %s %s %s' "$PROGRESS_MARK" "$1" "$PROGRESS_DOTS" "${2:-}"
}

step_note() {
    if [ -n "$PROGRESS_TTY" ]; then
        printf '\r\033[K%s %s %s %.*s' "$PROGRESS_MARK" "$STEP_NAME" "$PROGRESS_DOTS" \
            $((${COLUMNS:-80} - ${#STEP_NAME} - 6)) "$1"
    elif ((SECONDS - STEP_NOTED >= 10)); then
        STEP_NOTED=$SECONDS
        printf '  %s %s %s\n' "$STEP_NAME" "$PROGRESS_DOTS" "$1"
    fi
}

step_end() {
    [ -z "$PROGRESS_TTY" ] || printf '\r\033[K'
    printf '%s %s %s %s (%s s)\n' "$PROGRESS_MARK" "$STEP_NAME" "$PROGRESS_DOTS" "$1" \
        "$(elapsed_s "$STEP_START")"
    STEP_NAME=''
}

# For what was already so: no time, since none was spent.
step_same() {
    [ -z "$PROGRESS_TTY" ] || printf '\r\033[K'
    printf '%s %s %s %s\n' "$PROGRESS_MARK" "$1" "$PROGRESS_DOTS" "$2"
}

step_warn() {
    [ -z "$PROGRESS_TTY" ] || printf '\r\033[K'
    printf '! %s\n' "$1" >&2
}
