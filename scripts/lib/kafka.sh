# shellcheck shell=bash
# Kafka: the user's own if KAFKA_BOOTSTRAP_SERVERS says so, else Apache Kafka in KRaft mode, else
# the embedded broker that forgets everything.

KAFKA_LIBS=$CACHE/kafka/libs

# Sets KAFKA_MODE: external, java or embedded. HESHI_KAFKA=java|embedded decides it.
# HESHI_OWN_KAFKA marks an address that came from `eval "$(scripts/env)"`, not from the user.
kafka_choose() {
    if [ -n "${KAFKA_BOOTSTRAP_SERVERS:-}" ] && [ "$KAFKA_BOOTSTRAP_SERVERS" != "${HESHI_OWN_KAFKA:-}" ]; then
        KAFKA_MODE=external
    else
        KAFKA_MODE=${HESHI_KAFKA:-java}
        is_one_of "$KAFKA_MODE" java embedded || die "HESHI_KAFKA must be java or embedded, not '$KAFKA_MODE'"
    fi
}

kafka_mode_save() {
    printf '%s\n' "$KAFKA_MODE" >"$RUN/kafka.mode"
    [ "$KAFKA_MODE" != external ] || printf '%s\n' "$KAFKA_BOOTSTRAP_SERVERS" >"$RUN/kafka.bootstrap"
}

# What clients are told; for scripts that did not start it, as it was at the start.
kafka_bootstrap() {
    case $(cat "$RUN/kafka.mode" 2>/dev/null) in
    external | embedded) cat "$RUN/kafka.bootstrap" 2>/dev/null ;;
    *) printf '127.0.0.1:%s\n' "${PORT[kafka]:-}" ;;
    esac
}

# The libraries by Maven, once per pom.xml; whole or not at all.
kafka_libs_ensure() {
    local pom=$ROOT/deploy/kafka/pom.xml log=$RUN/log/maven.log
    server_dir "$CACHE/kafka" || return 1
    ! cmp -s "$pom" "$KAFKA_LIBS/pom.xml" || return 0
    command -v mvn >/dev/null || return 1
    step_begin 'kafka libraries' 'asking Maven'
    rm -rf "$KAFKA_LIBS.new"
    mvn --batch-mode --file "$pom" dependency:copy-dependencies \
        "-DoutputDirectory=$(readlink -f "$CACHE/kafka")/libs.new" </dev/null 2>&1 |
        tee "$log" | kafka_libs_progress
    if [ "${PIPESTATUS[0]}" -ne 0 ]; then
        step_warn 'Maven could not fetch Kafka; its errors:'
        grep -E 'ERROR' "$log" | head -n 5 | cut -c1-300 | sed 's/^/    /' >&2
        return 1
    fi
    cp "$pom" "$KAFKA_LIBS.new/" || return 1
    chmod -R a+rX "$KAFKA_LIBS.new"
    rm -rf "$KAFKA_LIBS"
    mv "$KAFKA_LIBS.new" "$KAFKA_LIBS"
    step_end "$(find "$KAFKA_LIBS" -name '*.jar' | wc -l) files"
}

kafka_libs_progress() {
    local line count=0
    while read -r line; do
        case $line in
        Downloaded\ from* | *Copying*) count=$((count + 1)) && step_note "$count files" ;;
        esac
    done
}

kafka_java() {
    if [ -x "${JAVA_HOME:-}/bin/java" ]; then printf %s "${JAVA_HOME:-}/bin/java"; else command -v java; fi
}

# The port and paths of this machine go in here, not into the repository.
kafka_configure() {
    local dir
    dir=$(readlink -f "$RUN/data")/kafka
    mkdir -p "$dir"
    sed -e "s|@PORT@|${PORT[kafka]}|g" -e "s|@CONTROLLER_PORT@|${PORT[kafka_controller]}|g" \
        -e "s|@LOG_DIR@|$dir/log|g" "$ROOT/deploy/kafka/server.properties" >"$dir/server.properties.new"
    # A newer file would mean a restart (see child_spec).
    cmp -s "$dir/server.properties.new" "$dir/server.properties" ||
        cp "$dir/server.properties.new" "$dir/server.properties"
    rm "$dir/server.properties.new"
    [ -z "$SERVER_USER" ] || chown "$SERVER_USER:" "$dir" "$dir/server.properties"
}

# Formats the log directory once. Interrupted, it leaves no meta.properties at the final place.
kafka_format() {
    local dir id
    dir=$(readlink -f "$RUN/data")/kafka
    [ ! -f "$dir/log/meta.properties" ] || return 0
    rm -rf "$dir/log"
    id=$(openssl rand 16 | openssl base64 | tr '+/' '-_' | tr -d '=\n')
    [ "${id:0:1}" != - ] || id=A${id:1} # or the tool takes it for an option
    as_server_user "$(kafka_java)" -Xmx128m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 \
        -Dorg.slf4j.simpleLogger.defaultLogLevel=warn -cp "$(readlink -f "$KAFKA_LIBS")/*" \
        kafka.tools.StorageTool format -t "$id" -c "$dir/server.properties" \
        >"$RUN/log/kafka-format.log" 2>&1 ||
        { tail -n 5 "$RUN/log/kafka-format.log" >&2 && return 1; }
}

kafka_start_java() {
    local dir
    kafka_configure
    kafka_format
    dir=$(readlink -f "$RUN/data")/kafka
    # A small heap and the first compiler only: a laptop's broker should start fast and stay small. What measures it
    # sets HESHI_KAFKA_JVM to what runs in production.
    local jvm
    read -ra jvm <<<"${HESHI_KAFKA_JVM:--XX:+UseSerialGC -XX:TieredStopAtLevel=1}"
    env_base | child_env kafka
    child_start kafka TERM 10 "${SERVER_USER:--}" "$(kafka_java)" \
        -Xms128m "-Xmx${HESHI_KAFKA_HEAP:-256m}" "${jvm[@]}" \
        -Djava.awt.headless=true -Dorg.slf4j.simpleLogger.defaultLogLevel=warn \
        -Dorg.slf4j.simpleLogger.showDateTime=true \
        "-Dorg.slf4j.simpleLogger.dateTimeFormat=yyyy-MM-dd'T'HH:mm:ss.SSSZ" \
        -cp "$(readlink -f "$KAFKA_LIBS")/*" kafka.Kafka "$dir/server.properties"
}

# The mock cluster cannot choose its port: it writes its address to the file.
kafka_start_embedded() {
    step_warn 'Kafka cannot be had here: using the embedded broker. Nothing survives it.'
    child_alive kafka || rm -f "$RUN/kafka.bootstrap"
    { env_base && printf 'HESHI_PARTITIONS=%s\n' "$(topics_partitions)"; } | child_env kafka
    child_start kafka TERM 5 - "$BIN/devbroker" "$ROOT/deploy/kafka/topics.json" "$RUN/kafka.bootstrap"
}

kafka_ready() {
    case $KAFKA_MODE in
    external) kafka_answers "${KAFKA_BOOTSTRAP_SERVERS%%,*}" ;;
    # It writes its address when it is ready; it speaks older versions of requests only.
    embedded) [ -s "$RUN/kafka.bootstrap" ] && tcp_ready "$(sed 's/.*://' "$RUN/kafka.bootstrap")" ;;
    *) kafka_answers "127.0.0.1:${PORT[kafka]}" ;;
    esac
}

# An open port is not enough: after a crash the broker is fenced for its old session's rest. So we
# ask for metadata (version 4, no topics) and want at least one broker in the answer. The answer
# begins: size, correlation id, throttle time, number of brokers, four bytes each.
kafka_answers() {
    local host=${1%:*} port=${1##*:} answer bytes
    answer=$({
        printf '\0\0\0\x14\0\x03\0\x04\0\0\0\x01\0\x05heshi\0\0\0\0\0' >&3
        timeout 2 head -c 16 <&3 | od -An -v -tu1 | tr -s ' \n' ' '
    } 2>/dev/null 3<>"/dev/tcp/$host/$port") 2>/dev/null || return 1
    read -r -a bytes <<<"$answer"
    [ ${#bytes[@]} -eq 16 ] && [ $((bytes[12] + bytes[13] + bytes[14] + bytes[15])) -gt 0 ]
} 2>/dev/null

topics_partitions() {
    printf '%s\n' "${HESHI_PARTITIONS:-$(jq .partitions "$ROOT/deploy/kafka/topics.json")}"
}

# The topic job: one client makes all topics, since each call of Kafka's own tools costs a second.
topics_apply() {
    KAFKA_BOOTSTRAP_SERVERS=$(kafka_bootstrap) HESHI_PARTITIONS=$(topics_partitions) \
        "$BIN/disputectl" topics apply "$ROOT/deploy/kafka/topics.json"
}
