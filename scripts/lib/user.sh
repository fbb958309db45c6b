# shellcheck shell=bash
# Postgres refuses to run as root, and the other servers need not. Started by root they run as the
# system user `heshi`; otherwise as whoever starts them.

SERVER_USER=''
[ "$EUID" -ne 0 ] || SERVER_USER=${HESHI_SERVER_USER:-heshi}

server_user_ensure() {
    [ -n "$SERVER_USER" ] || return 0
    getent passwd "$SERVER_USER" >/dev/null && return 0
    useradd --system --user-group --no-create-home --home-dir /nonexistent \
        --shell /usr/sbin/nologin "$SERVER_USER"
}

# Runs a command as the server user, from a directory that every user can enter.
as_server_user() {
    if [ -n "$SERVER_USER" ]; then
        (cd / && exec setpriv --reuid "$SERVER_USER" --regid "$SERVER_USER" --init-groups "$@")
    else
        "$@"
    fi
}

# Makes directory $1 one that the server user owns and reaches. Where it cannot enter the path (a
# checkout under /root), the directory lies under /var/lib/heshi and $1 is a link to it.
server_dir() {
    local path=$1 real
    if [ ! -e "$path" ]; then
        rm -f "$path" # a link whose target is gone
        mkdir -p "$path"
        if [ -n "$SERVER_USER" ] && ! as_server_user test -x "$path"; then
            rmdir "$path"
            real=/var/lib/heshi/$(printf %s "$path" | sha256sum | cut -c1-16)
            install -d -m 755 /var/lib/heshi
            install -d -m 700 -o "$SERVER_USER" -g "$SERVER_USER" "$real"
            ln -s "$real" "$path"
        fi
    fi
    [ -z "$SERVER_USER" ] || chown "$SERVER_USER:" "$path/"
}

# Removes what server_dir made, the link's target included.
server_dir_delete() {
    local real
    real=$(readlink -- "$1" || true)
    case $real in /var/lib/heshi/?*) rm -rf -- "$real" ;; esac
    rm -rf -- "$1"
}
