# shellcheck shell=bash
# The migrations of all services, for scripts/migrate and for the migration job of a deployment. Needs paths.sh.

# The up part alone, in a file whose line numbers are those of the original.
migrate_up_part() {
    grep -q '^-- migrate:up' "$1" || die "$1: has no line '-- migrate:up'"
    ! grep -q '^-- migrate:up.*transaction:false' "$1" || die "$1: every migration is one transaction here"
    mkdir -p "$(dirname "$2")"
    awk '/^-- migrate:down/ { exit } { print }' "$1" >"$2"
}

# migrate_script SERVICE WORK CONNECTION SCHEMA  One psql script: a session as the service's migrator, which acts as the
# owner of the schema. The advisory lock lasts as long as the session. Reads the array `sums`.
migrate_script() {
    local service=$1 work=$2 connection=$3 space=$4 file version sum
    cat <<END
\\connect "$connection user=heshi_${service}_migrator application_name=heshi-migrate"
SET client_min_messages = warning;
SELECT pg_advisory_lock(hashtextextended('heshi migrate $space', 0)) \\g /dev/null
SET search_path = $space;
CREATE TABLE IF NOT EXISTS $space.schema_migrations (
    version text PRIMARY KEY,
    checksum text NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT now()
);
REVOKE INSERT, UPDATE, DELETE ON $space.schema_migrations FROM heshi_${service}_app;
END
    for file in "$ROOT"/services/common/migrations/*.sql "$ROOT/services/$service/migrations"/*.sql; do
        [ -e "$file" ] || continue
        version=${file#"$ROOT/services/"}
        version=${version/\/migrations\///}
        version=${version%.sql}
        [ -e "$work/$version.sql" ] || migrate_up_part "$file" "$work/$version.sql"
        sum=${sums[$file]}
        cat <<END
SELECT count(*) = 0 AS todo, coalesce(bool_or(checksum <> '$sum'), false) AS changed
    FROM $space.schema_migrations WHERE version = '$version' \\gset
\\if :changed
    DO \$\$ BEGIN RAISE '$version was changed after it had been applied to $service: add a new file instead'; END \$\$;
\\endif
\\if :todo
    BEGIN;
    \\i '$work/$version.sql'
    INSERT INTO $space.schema_migrations (version, checksum) VALUES ('$version', '$sum');
    COMMIT;
    \\echo '$service: $version'
\\endif
END
    done
}

# migrate_all WORK CONNECTION [quiet [SCHEMA SERVICE]]  WORK: an empty directory; CONNECTION: psql's words for host,
# port and dbname; SCHEMA: instead of every service's own, the tables of one service in another schema.
migrate_all() {
    local work=$1 connection=$2 quiet=${3:-} schema=${4:-} only=${5:-} service sum file applied
    local files=()
    local -A sums=()
    for service in common "${SERVICES[@]}"; do
        for file in "$ROOT/services/$service/migrations"/*.sql; do [ ! -e "$file" ] || files+=("$file"); done
    done
    if [ ${#files[@]} -gt 0 ]; then
        while read -r sum file; do sums[$file]=$sum; done < <(sha256sum "${files[@]}")
    fi
    for service in "${SERVICES[@]}"; do
        [ -z "$only" ] || [ "$only" = "$service" ] || continue
        migrate_script "$service" "$work" "$connection" "${schema:-$service}"
    done >"$work/script.sql"
    applied=$(psql --no-psqlrc --quiet --no-align --tuples-only --set=ON_ERROR_STOP=1 --file="$work/script.sql" \
        "$connection user=heshi_intake_migrator" 2>"$work/errors") ||
        { sed "s|$work/\([a-z]*\)/|services/\1/migrations/|g" "$work/errors" >&2 && return 1; }
    if [ -n "$applied" ]; then
        printf '  migrated %s\n' "$(wc -l <<<"$applied") files"
        [ -n "$quiet" ] || printf '%s\n' "$applied"
    elif [ -z "$quiet" ]; then
        echo 'nothing to migrate'
    fi
}
