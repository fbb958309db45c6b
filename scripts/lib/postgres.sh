# shellcheck shell=bash
# The private PostgreSQL. Only TCP on loopback: a socket's path would have a length limit that deep
# checkouts break. Service roles need no password there (the data is a sandbox's); the superuser
# heshi_admin has one, in .run/keys/pgpass.

PG_DATA=$RUN/data/postgres

pg_installed() { [ -x "$PG_BIN/postgres" ]; }

# Interrupted, it leaves only postgres.new, which the next attempt removes.
pg_init() {
    local data pwfile
    [ ! -f "$PG_DATA/PG_VERSION" ] || return 0
    data=$(readlink -f "$RUN/data")
    pwfile=$data/postgres.pwfile # the server user cannot read .run/keys
    rm -rf "$data/postgres.new"
    install_config "$RUN/keys/postgres.password" "$pwfile"
    as_server_user "$PG_BIN/initdb" --pgdata="$data/postgres.new" --encoding=UTF8 --locale=C \
        --username=heshi_admin --auth=scram-sha-256 --pwfile="$pwfile" --no-instructions \
        >"$RUN/log/initdb.log" 2>&1 || { tail -n 5 "$RUN/log/initdb.log" >&2 && return 1; }
    rm -f "$pwfile"
    mv "$data/postgres.new" "$data/postgres"
}

# Copied at each start, since the server user may not be able to enter the checkout.
pg_configure() {
    install_config "$ROOT/deploy/postgres/pg_hba.conf" "$PG_DATA/pg_hba.conf"
    install_config "$ROOT/deploy/postgres/postgresql.conf" "$PG_DATA/postgresql.conf"
    (
        umask 077
        printf '127.0.0.1:%s:*:heshi_admin:%s\n' "${PORT[postgres]}" "$(<"$RUN/keys/postgres.password")" \
            >"$RUN/keys/pgpass"
    )
}

# Only when it changed, so that a running server's files stay untouched.
install_config() {
    cmp -s "$1" "$2" || install -m 600 ${SERVER_USER:+-o "$SERVER_USER" -g "$SERVER_USER"} "$1" "$2"
}

pg_start() {
    pg_init
    pg_configure
    env_base | child_env postgres
    child_start postgres INT 10 "${SERVER_USER:--}" "$PG_BIN/postgres" \
        -D "$(readlink -f "$PG_DATA")" -p "${PORT[postgres]}"
}

pg_ready() { "$PG_BIN/pg_isready" --quiet --host=127.0.0.1 --port="${PORT[postgres]}" --timeout=2; }

# pg_admin DATABASE ARGUMENTS...  psql as superuser.
pg_admin() {
    local database=$1
    shift
    PGPASSFILE=$RUN/keys/pgpass psql --no-psqlrc --quiet --no-align --tuples-only --set=ON_ERROR_STOP=1 \
        "host=127.0.0.1 port=${PORT[postgres]} user=heshi_admin dbname=$database application_name=heshi-scripts" "$@"
}

# pg_prepare DATABASE  Makes the database if it is not there, then roles, schemas and rights in it.
pg_prepare() {
    if ! pg_admin "$1" --file="$ROOT/deploy/postgres/roles.sql" 2>"$RUN/log/roles.log"; then
        grep -q 'does not exist' "$RUN/log/roles.log" || { cat "$RUN/log/roles.log" >&2 && return 1; }
        pg_admin postgres --command="CREATE DATABASE \"$1\" TEMPLATE template0 ENCODING UTF8 LOCALE 'C'" || return 1
        pg_admin "$1" --file="$ROOT/deploy/postgres/roles.sql"
    fi
}
