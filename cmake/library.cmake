# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
#
# libptw.a: every source of src/ and arch/, and the list of formats that is made from arch/ while building.

file(GLOB ptw_format_sources CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/arch/*/*.c")
file(GLOB ptw_walk_sources CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/src/*/*.c")
file(GLOB ptw_headers CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/include/ptw/*.h")

add_custom_command(
    OUTPUT "${PROJECT_BINARY_DIR}/formats.c"
    COMMAND sh "${PROJECT_SOURCE_DIR}/scripts/formats" ${ptw_format_sources} > "${PROJECT_BINARY_DIR}/formats.c"
    DEPENDS ${ptw_format_sources} "${PROJECT_SOURCE_DIR}/scripts/formats"
    COMMENT "Listing the formats of arch/"
    VERBATIM)

add_custom_target(ptw-format-list DEPENDS "${PROJECT_BINARY_DIR}/formats.c")

add_library(ptw STATIC ${ptw_format_sources} ${ptw_walk_sources} "${PROJECT_BINARY_DIR}/formats.c")
add_library(ptw::ptw ALIAS ptw)
add_dependencies(ptw ptw-format-list)
target_link_libraries(ptw PRIVATE $<BUILD_INTERFACE:ptw-core-flags>)
target_include_directories(ptw PUBLIC $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include>)
