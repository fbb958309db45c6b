# shellcheck shell=bash
# What the machine must have, in one list, and how it gets it. Debian 12 names.
# Needs paths.sh and progress.sh.

PACKAGES_RUN=(
    build-essential cmake ninja-build pkg-config
    librdkafka-dev libevent-dev libprotobuf-c-dev protobuf-c-compiler protobuf-compiler libprotobuf-dev
    libpq-dev libhiredis-dev libjansson-dev libssl-dev libcurl4-openssl-dev
    postgresql-15 postgresql-client-15 redis-server
    python3 python3-aiohttp python3-cryptography
    openssl procps curl jq
)
PACKAGES_KAFKA=(default-jre-headless maven)
PACKAGES_CHAOS=(python3-confluent-kafka python3-protobuf python3-psycopg2)
PACKAGES_FUZZ=(clang libclang-rt-14-dev python3-protobuf) # clang only recommends its runtime
PACKAGES_TEST=(libcmocka-dev clang-format clang-tidy cppcheck shellcheck kcat python3-pip)

# packages_missing NAME...  One dpkg call: this runs at every start and must not be felt.
packages_missing() {
    local name status
    local -A installed=()
    while read -r name status; do
        [ "$status" != installed ] || installed[$name]=1
    done < <(dpkg-query -W -f='${Package} ${db:Status-Status}\n' "$@" 2>/dev/null)
    for name; do
        [ -z "${installed[$name]:-}" ] || continue
        case $name in # any Java and Maven will do
        default-jre-headless) ! command -v java >/dev/null || continue ;;
        maven) ! command -v mvn >/dev/null || continue ;;
        pkg-config) ! command -v pkg-config >/dev/null || continue ;;
        esac
        printf '%s\n' "$name"
    done
}

# Runs as root: directly, or by sudo where there is one that we may use.
as_root() {
    if [ "$EUID" -eq 0 ]; then
        "$@"
    else
        sudo -- "$@"
    fi
}

can_be_root() {
    [ "$EUID" -ne 0 ] || return 0
    command -v sudo >/dev/null || return 1
    sudo -n true 2>/dev/null || [ -t 0 ]
}

# packages_ensure GROUP...  GROUP: run, kafka, test, fuzz, chaos. Says nothing when nothing is missing.
packages_ensure() {
    local group wanted=() missing=()
    for group; do
        case $group in
        run) wanted+=("${PACKAGES_RUN[@]}") ;;
        kafka) wanted+=("${PACKAGES_KAFKA[@]}") ;;
        test) wanted+=("${PACKAGES_TEST[@]}") ;;
        fuzz) wanted+=("${PACKAGES_FUZZ[@]}") ;;
        chaos) wanted+=("${PACKAGES_CHAOS[@]}") ;;
        *) die "no package group '$group'" ;;
        esac
    done
    command -v dpkg-query >/dev/null || die "this needs Debian 12 (or its packages: ${wanted[*]})"
    mapfile -t missing < <(packages_missing "${wanted[@]}")
    [ ${#missing[@]} -gt 0 ] || return 0
    if ! can_be_root; then
        printf 'missing packages: %s\ninstall them as root:\n  apt-get install --no-install-recommends %s\n' \
            "${missing[*]}" "${missing[*]}" >&2
        return 1
    fi
    packages_install "${missing[@]}"
}

# In a subshell, so that its trap removes the guards however it ends; all who use them run in it.
# shellcheck disable=SC2030,SC2031
packages_install() (
    log=$(mktemp)
    guards=()
    # shellcheck disable=SC2317 # called by the trap
    cleanup() {
        [ ${#guards[@]} -eq 0 ] || as_root rm -f "${guards[@]}"
        rm -f "$log"
    }
    trap cleanup EXIT
    trap 'exit 130' INT TERM
    guard_services "$@"
    step_begin "packages ($# missing: $(printf '%.60s' "$*"))" 'reading the package lists'
    as_root apt-get update -qq >"$log" 2>&1 || { apt_failed "$log" && return 1; }
    # Debconf asks nothing; configuration files that somebody changed stay. apt's status lines have a
    # pipe of their own (apt makes it non-blocking, and a package's script that shared it failed with
    # EAGAIN: ca-certificates-java). It is made inside, since sudo closes all but 0, 1 and 2.
    # shellcheck disable=SC2016 # expanded by the inner shell
    as_root env DEBIAN_FRONTEND=noninteractive sh -c 'exec 3>&1 1>&2; exec apt-get install -y -q \
        --no-install-recommends -o Dpkg::Options::=--force-confold -o Dpkg::Use-Pty=0 \
        -o APT::Status-Fd=3 "$@"' sh "$@" 2>"$log" </dev/null | apt_progress
    [ "${PIPESTATUS[0]}" -eq 0 ] || { apt_failed "$log" && return 1; }
    undo_defaults "$@"
    step_end installed
)

# Debian starts a server as soon as it is installed. Ours are private ones under .run, so nothing
# may start: a policy says no while we install, and Postgres makes no cluster of its own.
# shellcheck disable=SC2031
guard_services() {
    if [ ! -e /usr/sbin/policy-rc.d ]; then
        guards+=(/usr/sbin/policy-rc.d)
        printf '#!/bin/sh\nexit 101\n' | as_root sh -c 'cat >/usr/sbin/policy-rc.d; chmod 755 /usr/sbin/policy-rc.d'
    fi
    if is_one_of postgresql-15 "$@" && [ ! -e /etc/postgresql-common/createcluster.conf ]; then
        as_root mkdir -p /etc/postgresql-common
        echo 'create_main_cluster = false' | as_root sh -c 'cat >/etc/postgresql-common/createcluster.conf'
        guards+=(/etc/postgresql-common/createcluster.conf /etc/postgresql-common/createcluster.conf.ucf-dist)
    fi
}

# Puts back what the package would have left, and keeps a server that only we wanted from starting
# with the machine.
undo_defaults() {
    local shipped=/usr/share/postgresql-common/createcluster.conf
    if is_one_of /etc/postgresql-common/createcluster.conf "${guards[@]}" && [ -e "$shipped" ]; then
        as_root cp "$shipped" /etc/postgresql-common/createcluster.conf
        as_root rm -f /etc/postgresql-common/createcluster.conf.ucf-dist
        drop_guard /etc/postgresql-common/createcluster.conf
    fi
    if is_one_of redis-server "$@" && [ -d /run/systemd/system ]; then
        as_root systemctl disable --quiet redis-server 2>/dev/null || true
    fi
}

drop_guard() {
    local guard kept=()
    for guard in "${guards[@]}"; do [ "$guard" = "$1" ] || kept+=("$guard"); done
    guards=("${kept[@]}")
}

# Lines such as `dlstatus:12:34.5:Retrieving file…`, `pmstatus:libpq5:56.7:Unpacking…`.
apt_progress() {
    local kind _ percent
    while IFS=: read -r kind _ percent _; do
        case $kind in
        dlstatus) step_note "fetching ${percent%%.*} %" ;;
        pmstatus) step_note "installing ${percent%%.*} %" ;;
        esac
    done
}

apt_failed() {
    step_warn "packages could not be installed; the last lines of apt-get:"
    tail -n 12 "$1" | sed 's/^/    /' >&2
}
