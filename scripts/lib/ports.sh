# shellcheck shell=bash
# Loopback ports, chosen once and kept in .run/ports as `name=port` lines, so that addresses stay
# the same over restarts. Names: postgres redis kafka kafka_controller, <service>_admin,
# fund_door arbitration_door, and the stand-ins.

PORT_NAMES=(postgres redis kafka kafka_controller wechat_pay mini_program institution
    intake_admin sla_admin investigation_admin arbitration_admin fund_admin notification_admin
    fund_door arbitration_door)
for name in "${INSTANCES[@]:${#SERVICES[@]}}"; do PORT_NAMES+=("${name}_admin" "${name}_door"); done
declare -A PORT=() PORT_USED=()

# Every local port in use, IPv4 and IPv6, from the kernel's own list. Read by awk: bash reads such a file in many small
# pieces, for each of which the kernel makes all of it anew; after a few thousand connections that takes minutes.
ports_scan() {
    local port
    PORT_USED=()
    while read -r port; do
        PORT_USED[$((16#$port))]=1
    done < <(awk 'FNR > 1 { count = split($2, part, ":"); print part[count] }' /proc/net/tcp /proc/net/tcp6 2>/dev/null)
}

# Below the ephemeral range, where an outgoing connection of anybody could take a port from us
# between two of our starts.
port_choose() {
    local port
    while :; do
        port=$((20000 + SRANDOM % 12000))
        [ -n "${PORT_USED[$port]:-}" ] || break
    done
    PORT_USED[$port]=1
    PORT[$1]=$port
}

ports_load() {
    local name port
    [ -r "$RUN/ports" ] || return 0
    while IFS='=' read -r name port; do
        [ -z "$name" ] || PORT[$name]=$port
    done <"$RUN/ports"
}

ports_save() {
    local name
    for name in "${PORT_NAMES[@]}"; do printf '%s=%s\n' "$name" "${PORT[$name]}"; done >"$RUN/ports.new"
    mv "$RUN/ports.new" "$RUN/ports"
}

# Chooses what is missing. With names of processes that do not run: whichever of their ports
# somebody else has taken meanwhile is chosen anew.
ports_ensure() {
    local name process changed=''
    ports_load
    ports_scan
    for process; do
        for name in "$process" "${process}_controller" "${process}_admin" "${process}_door"; do
            if [ -n "${PORT[$name]:-}" ] && [ -n "${PORT_USED[${PORT[$name]}]:-}" ] &&
                port_is_listening "${PORT[$name]}"; then
                step_warn "port ${PORT[$name]} of $name is taken by another process: choosing a new one"
                unset "PORT[$name]"
            fi
        done
    done
    for name in "${PORT_NAMES[@]}"; do
        [ -n "${PORT[$name]:-}" ] || { port_choose "$name" && changed=1; }
    done
    [ -z "$changed" ] || ports_save
}

# The kernel's list also holds closed connections; only a listener bars us.
port_is_listening() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }
