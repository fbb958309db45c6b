# heshi_proto_library(target folder): C sources by protoc-c for every .proto below the folder, and one
# descriptor set (build/heshi.binpb) with comments, which tools decode our topics with.
function(heshi_proto_library target folder)
    file(GLOB_RECURSE protos CONFIGURE_DEPENDS RELATIVE ${CMAKE_SOURCE_DIR}/${folder} ${folder}/*.proto)
    set(out ${CMAKE_BINARY_DIR}/proto)
    file(MAKE_DIRECTORY ${out})
    foreach(proto ${protos})
        string(REGEX REPLACE "\\.proto$" ".pb-c" base ${proto})
        list(APPEND sources ${out}/${base}.c)
        list(APPEND headers ${out}/${base}.h)
        list(APPEND inputs ${CMAKE_SOURCE_DIR}/${folder}/${proto})
    endforeach()
    add_custom_command(
        OUTPUT ${sources} ${headers} ${CMAKE_BINARY_DIR}/heshi.binpb
        COMMAND protoc-c --c_out=${out} -I ${CMAKE_SOURCE_DIR}/${folder} ${protos}
        COMMAND protoc --include_imports --include_source_info --descriptor_set_out=${CMAKE_BINARY_DIR}/heshi.binpb
                -I ${CMAKE_SOURCE_DIR}/${folder} ${protos}
        DEPENDS ${inputs}
        WORKING_DIRECTORY ${CMAKE_SOURCE_DIR}/${folder}
        COMMENT "Generating C and the descriptor set from ${folder}"
        VERBATIM)
    add_library(${target} STATIC ${sources})
    target_include_directories(${target} SYSTEM PUBLIC ${out})
    target_link_libraries(${target} PUBLIC PkgConfig::PROTOBUF_C)
endfunction()
