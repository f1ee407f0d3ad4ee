# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
#
# libptw.a: every source of src/ and arch/, and the list of formats that is made from arch/ while building.

include(CMakePushCheckState)
include(CheckCSourceCompiles)

file(GLOB ptw_format_sources CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/arch/*/*.c")
file(GLOB ptw_walk_sources CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/src/*/*.c")
file(GLOB ptw_headers CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/include/ptw/*.h")
list(FILTER ptw_headers EXCLUDE REGEX "/sim[^/]*\\.h$") # cmake/sim.cmake
file(GLOB ptw_engine_headers CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/src/walk/*.h")

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

# Where a 64-bit entry is wider than a general register (32-bit x86), the compiler calls its run time for each access, and
# programs need libatomic. What cannot link programs (a kernel's build) is asked for nothing.
set(ptw_wide_atomics "
    static unsigned long long entry;
    int main(void)
    {
        __atomic_store_n(&entry, __atomic_load_n(&entry, __ATOMIC_RELAXED) + 1U, __ATOMIC_RELEASE);
        return (int)__atomic_exchange_n(&entry, 0U, __ATOMIC_ACQ_REL);
    }")
set(ptw_runtime_library "")
cmake_push_check_state(RESET)
if(PTW_HAVE_GENERAL_REGS_ONLY)
    set(CMAKE_REQUIRED_FLAGS -mgeneral-regs-only)
endif()
check_c_source_compiles("${ptw_wide_atomics}" PTW_HAVE_WIDE_ATOMICS)
if(NOT PTW_HAVE_WIDE_ATOMICS)
    set(CMAKE_REQUIRED_LIBRARIES atomic)
    check_c_source_compiles("${ptw_wide_atomics}" PTW_NEEDS_LIBATOMIC)
    if(PTW_NEEDS_LIBATOMIC)
        set(ptw_runtime_library "-latomic")
        target_link_libraries(ptw INTERFACE atomic)
    endif()
endif()
cmake_pop_check_state()

# For formats outside of this tree: the headers that a format's own engine and configure() are made from. They are
# "walk/ops.h" and "walk/configure.h" here, in a vendored tree and installed, so that a format's source never changes.
add_library(ptw-engine INTERFACE)
add_library(ptw::engine ALIAS ptw-engine)
set_target_properties(ptw-engine PROPERTIES EXPORT_NAME engine)
target_link_libraries(ptw-engine INTERFACE ptw)
target_include_directories(ptw-engine INTERFACE $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/src>)
