# Named statements of a .sql file as C string constants. Comment lines are left out.
BEGIN { print "/* Generated from a queries.sql: do not edit. */" }
/^-- name:/ {
    if (open) print "    \"\";"
    printf "static const char %s_%s[] __attribute__((unused)) =\n", toupper(prefix), toupper($3)
    open = 1
    next
}
/^[ \t]*--/ || /^[ \t]*$/ { next }
open {
    sub(/;[ \t]*$/, "")
    gsub(/\\/, "\\\\")
    gsub(/"/, "\\\"")
    printf "    \"%s\\n\"\n", $0
}
END { if (open) print "    \"\";" }
