# shellcheck shell=bash
# Where everything lies, and the lists that all scripts share. Sourced first.
# Callers set -euo pipefail themselves.
# shellcheck disable=SC2034 # used by those who source this

# Numbers are parsed and printed in one form whatever the user's language is. LC_CTYPE stays, so
# that we know whether the terminal shows UTF-8.
case ${LC_ALL:-${LC_CTYPE:-${LANG:-}}} in *[Uu][Tt][Ff]*8*) HESHI_UTF8=1 ;; *) HESHI_UTF8='' ;; esac
unset LC_ALL
export LC_NUMERIC=C LC_COLLATE=C LC_MESSAGES=C

# Postgres and Redis are in directories that an ordinary user's PATH lacks on Debian.
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin
PG_BIN=${HESHI_PG_BIN:-/usr/lib/postgresql/15/bin}

ROOT=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.." && pwd -P)
LIB=$ROOT/scripts/lib
BIN=${HESHI_BIN_DIR:-$ROOT/build/bin}

# One set of processes per state directory; tests start a second one beside a running one.
RUN=${HESHI_RUN_DIR:-$ROOT/.run}
case $RUN in /*) ;; *) RUN=$PWD/$RUN ;; esac
CACHE=${HESHI_CACHE_DIR:-$ROOT/.cache}
case $CACHE in /*) ;; *) CACHE=$PWD/$CACHE ;; esac

DATABASE=heshi
SERVICES=(intake sla investigation arbitration fund notification)
STANDINS=(wechat_pay mini_program institution)
SERVERS=(postgres redis kafka)

# Processes of services: one each, or HESHI_INSTANCES=2 of them, the second called NAME-2. They share the lanes.
INSTANCES=("${SERVICES[@]}")
[ "${HESHI_INSTANCES:-1}" != 2 ] || INSTANCES+=("${SERVICES[@]/%/-2}")

die() {
    printf '%s: %s\n' "${0##*/}" "$*" >&2
    exit 1
}

# Is WORD among the rest of the arguments?
is_one_of() {
    local word=$1 other
    shift
    for other; do [ "$other" != "$word" ] || return 0; done
    return 1
}

run_dirs() {
    mkdir -p "$RUN"/{log,pid,env,keys,standins} "$CACHE"
    chmod 700 "$RUN/keys"
}
