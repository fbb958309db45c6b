#!/usr/bin/env bash
# As the official image's, as far as docker-compose.yml uses it: it expects to be started as the user postgres.
set -euo pipefail
[ "${1:-}" = postgres ] || exec "$@"
if [ ! -s "$PGDATA/PG_VERSION" ]; then
    [ -z "${POSTGRES_PASSWORD_FILE:-}" ] || POSTGRES_PASSWORD=$(<"$POSTGRES_PASSWORD_FILE")
    : "${POSTGRES_PASSWORD:?}" "${POSTGRES_USER:=postgres}" "${POSTGRES_DB:=$POSTGRES_USER}"
    export PGPASSWORD=$POSTGRES_PASSWORD
    # shellcheck disable=SC2086 # words, as the original takes them
    initdb --pgdata="$PGDATA" --username="$POSTGRES_USER" --pwfile=<(printf '%s\n' "$POSTGRES_PASSWORD") \
        ${POSTGRES_INITDB_ARGS:-}
    printf '\nhost all all all %s\n' "${POSTGRES_HOST_AUTH_METHOD:-scram-sha-256}" >>"$PGDATA/pg_hba.conf"
    # While it is set up it listens on its socket only.
    pg_ctl -D "$PGDATA" -o "-c listen_addresses='' -p 5432" -w start
    run=(psql -v ON_ERROR_STOP=1 --no-psqlrc -U "$POSTGRES_USER")
    [ "$POSTGRES_DB" = postgres ] || "${run[@]}" -d postgres -c "CREATE DATABASE \"$POSTGRES_DB\""
    for file in /docker-entrypoint-initdb.d/*; do
        case $file in
        *.sh) "$file" ;;
        *.sql) "${run[@]}" -d "$POSTGRES_DB" -f "$file" ;;
        esac
    done
    pg_ctl -D "$PGDATA" -m fast -w stop
    unset PGPASSWORD
fi
unset POSTGRES_PASSWORD
exec "$@" -c listen_addresses='*'
