# shellcheck shell=bash
# The private Redis. It holds an index of the truth in Postgres; the append-only file saves the
# rebuild after a restart.

redis_installed() { command -v redis-server >/dev/null; }

redis_start() {
    local dir
    dir=$(readlink -f "$RUN/data")/redis
    mkdir -p "$dir"
    [ -z "$SERVER_USER" ] || chown "$SERVER_USER:" "$dir"
    env_base | child_env redis
    child_start redis TERM 10 "${SERVER_USER:--}" "$(command -v redis-server)" \
        --bind 127.0.0.1 --port "${PORT[redis]}" --dir "$dir" \
        --appendonly yes --appendfsync everysec --save '' --daemonize no --always-show-logo no
}

# PONG, and not LOADING.
redis_ready() {
    local answer=''
    {
        printf 'PING\r\n' >&3 && read -r -t 2 answer <&3
    } 3<>"/dev/tcp/127.0.0.1/${PORT[redis]}" 2>/dev/null || return 1
    [[ $answer = +PONG* ]]
} 2>/dev/null
