"""Who may include what: the table of rooms held against the #include lines. check_layers.py LIST

common/base -> libc, OpenSSL; common/io -> base; common/service -> base, io, generated messages;
a domain (domain.c, domain/, rails/, and what only those include) -> base and its own domain; codec -> generated
messages; store and handlers see none; no service includes another."""
import os
import re
import sys

SERVICES = ("intake", "sla", "investigation", "arbitration", "fund", "notification")
TOOLS = ("disputectl", "devbroker")
LIBRARIES = {  # first part of a header's name -> library
    "librdkafka": "rdkafka", "event2": "libevent", "libpq-fe.h": "libpq", "hiredis": "hiredis", "hiredis.h": "hiredis",
    "jansson.h": "jansson", "curl": "curl", "openssl": "openssl", "protobuf-c": "protobuf", "cmocka.h": "cmocka",
    "async.h": "hiredis", "adapters": "hiredis", "read.h": "hiredis",
}
NETWORK = {"rdkafka", "libevent", "libpq", "hiredis", "curl"}
IMPURE = {"sys/socket.h", "netdb.h", "unistd.h", "fcntl.h", "pthread.h", "signal.h", "sys/epoll.h", "poll.h"}
problems = []


def room_of(path):
    """(area, room): ('common/io', ''), ('fund', 'domain'), …"""
    parts = path.split("/")
    if parts[0] != "services" or len(parts) < 3:
        return None
    if parts[1] == "common":
        return "common/" + parts[2], ""
    stem = os.path.splitext(parts[2])[0]
    if stem in ("domain", "rails"):
        return parts[1], "domain"
    for room in ("codec", "store", "handlers", "main"):
        if stem == room or stem.startswith(room + "_"):
            return parts[1], room
    return parts[1], "other"


def includes(path):
    """(line, name, is a system header)"""
    with open(path, encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            match = re.match(r'\s*#\s*include\s*([<"])([^>"]+)[>"]', line)
            if match:
                yield number, match[2], match[1] == "<"


def complain(path, number, name, why):
    """One line for each."""
    problems.append(f"{path}:{number}: includes {name}: {why}")


def check_common(path, number, name, area, library, generated):
    """The three layers of common/."""
    layer = ("common/base", "common/io", "common/service").index(area) if area in (
        "common/base", "common/io", "common/service") else 2
    for other, below in (("common/io/", 1), ("common/service/", 2)):
        if name.startswith(other) and layer < below:
            complain(path, number, name, f"{area} is below it")
    if name.split("/")[0] in SERVICES + TOOLS:
        complain(path, number, name, "common/ knows no service")
    if generated and layer < 2:
        complain(path, number, name, f"{area} sees no messages")
    if layer == 0 and library and library != "openssl":
        complain(path, number, name, "common/base links with libc and OpenSSL only")


def check_service(path, number, name, area, room, library, generated):
    """One of the six."""
    first = name.split("/")[0]
    if first in SERVICES + TOOLS and first != area:
        complain(path, number, name, "services meet in proto/ and on topics")
    if room == "domain":
        own = room_of("services/" + name) if first == area else None
        if name.startswith("common/") and not name.startswith("common/base/"):
            complain(path, number, name, "a domain sees common/base only")
        # jansson: a tree of values, as the machine is printed; it does no I/O unless asked to.
        if generated or (library and library not in ("openssl", "jansson") and not path.startswith(f"services/{area}/rails/")):
            complain(path, number, name, "a domain is pure")
        if own and own[1] in ("codec", "store", "handlers", "main"):
            complain(path, number, name, f"a domain does not know its {own[1]}")
        if name in IMPURE and "/rails/" not in path:
            complain(path, number, name, "a domain touches nothing outside")
    elif room in ("store", "codec"):
        if f"{area}/handlers" in name:
            complain(path, number, name, f"a {room} does not know the handlers")
        if room == "store" and f"{area}/codec" in name:
            complain(path, number, name, "a store does not know the codec")
    if generated and room in ("store", "main"):
        complain(path, number, name, "only the codec sees generated names")
    if library in NETWORK and room in ("codec", "handlers", "main"):
        complain(path, number, name, "libraries of the loop are common/io's")


def check(path):
    """All lines of one file below services/."""
    where = room_of(path)
    if not where:
        return
    area, room = where
    for number, name, system in includes(path):
        generated = name.endswith(".pb-c.h") or name.startswith("protobuf-c/")
        library = LIBRARIES.get(name.split("/")[0]) if system else None
        if area.startswith("common/"):
            check_common(path, number, name, area, library, generated)
        elif area in SERVICES:
            check_service(path, number, name, area, room, library, generated)
        elif name.split("/")[0] in SERVICES:
            complain(path, number, name, "a tool does not know the services' insides")


def main():
    """Exit status 1 when an arrow points the wrong way."""
    with open(sys.argv[1], encoding="utf-8") as file:
        for path in file.read().split("\n"):
            if path.startswith("services/"):
                check(path)
    print("\n".join(problems), end="\n" if problems else "")
    return 1 if problems else 0


sys.exit(main())
