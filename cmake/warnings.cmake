# Every target of ours is compiled with these; generated code and system headers are not.
function(heshi_warnings target)
    if(HESHI_FUZZ)
        return() # clang has warnings of its own; gcc's builds are the ones that must be clean
    endif()
    target_compile_options(${target} PRIVATE
        -Wall -Wextra -Wpedantic -Wconversion -Wsign-conversion -Wshadow -Wstrict-prototypes -Wmissing-prototypes
        -Wold-style-definition -Wpointer-arith -Wcast-qual -Wwrite-strings -Wformat=2 -Wundef -Wvla
        -Woverride-init -Wnull-dereference -Wdouble-promotion -Werror
        # Statement macros with no variadic argument are used in log.h; everything else stays pedantic;
        # a statement of SQL may be longer than ISO C promises for a literal.
        -Wno-gnu-zero-variadic-macro-arguments -Wno-overlength-strings)
endfunction()

add_compile_definitions(_GNU_SOURCE _FORTIFY_SOURCE=$<IF:$<CONFIG:Debug>,0,2>)
add_compile_options(-fno-omit-frame-pointer -fstack-protector-strong)
if(HESHI_FUZZ)
    add_compile_options(-fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all -U_FORTIFY_SOURCE)
    add_link_options(-fsanitize=address,undefined)
endif()
if(HESHI_SANITIZE)
    add_compile_options(-fsanitize=address,undefined -fno-sanitize-recover=all -U_FORTIFY_SOURCE)
    add_link_options(-fsanitize=address,undefined)
endif()
