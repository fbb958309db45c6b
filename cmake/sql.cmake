# heshi_sql_header(target file prefix): turns named statements of a .sql file into <prefix>_queries.h of the
# build tree: "-- name: load_cases" starts the statement that becomes `static const char PREFIX_LOAD_CASES[]`.
function(heshi_sql_header target file prefix)
    get_filename_component(path ${file} ABSOLUTE)
    set(folder ${CMAKE_CURRENT_BINARY_DIR}/sql/${prefix})
    set(header ${folder}/${prefix}_queries.h)
    add_custom_command(
        OUTPUT ${header}
        COMMAND ${CMAKE_COMMAND} -E make_directory ${folder}
        COMMAND awk -v prefix=${prefix} -f ${CMAKE_SOURCE_DIR}/cmake/sql_to_header.awk ${path} > ${header}
        DEPENDS ${path} ${CMAKE_SOURCE_DIR}/cmake/sql_to_header.awk
        VERBATIM)
    target_sources(${target} PRIVATE ${header})
    target_include_directories(${target} PRIVATE ${folder})
endfunction()
