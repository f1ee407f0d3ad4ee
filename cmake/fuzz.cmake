# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
#
# The fuzzing harnesses: each fuzz/fuzz_NAME.c with the shared fuzz/*.c. With PTW_FUZZ they are libFuzzer programs,
# otherwise fuzz/replay_main.c makes them replayers, and CTest replays their seeds (fuzz/corpora/NAME) either way.

file(GLOB ptw_fuzz_sources CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/fuzz/fuzz_*.c")
file(GLOB ptw_fuzz_shared CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/fuzz/*.c")
set(ptw_fuzz_main "${PROJECT_SOURCE_DIR}/fuzz/replay_main.c")
list(REMOVE_ITEM ptw_fuzz_shared ${ptw_fuzz_sources} "${ptw_fuzz_main}")

if(PTW_FUZZ AND NOT CMAKE_C_COMPILER_ID MATCHES "Clang")
    message(FATAL_ERROR "PTW_FUZZ needs clang: libFuzzer is a part of it (cmake --preset fuzz)")
endif()

foreach(source IN LISTS ptw_fuzz_sources)
    get_filename_component(name "${source}" NAME_WE)
    string(REGEX REPLACE "^fuzz_" "" corpus "${name}")
    set(seeds "${PROJECT_SOURCE_DIR}/fuzz/corpora/${corpus}")

    add_executable(${name} "${source}" ${ptw_fuzz_shared})
    set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/fuzz")
    target_include_directories(${name} PRIVATE "${PROJECT_SOURCE_DIR}/fuzz")
    if(name MATCHES "^fuzz_schedule")
        target_link_libraries(${name} PRIVATE ptw-scheduled) # before libptw.a: see tests.cmake
    endif()
    target_link_libraries(${name} PRIVATE $<TARGET_NAME_IF_EXISTS:ptw-test-support> ptw-test-flags)
    if(PTW_FUZZ)
        target_link_options(${name} PRIVATE -fsanitize=fuzzer)
        set(arguments -runs=0)
    elseif(EXISTS "${ptw_fuzz_main}")
        target_sources(${name} PRIVATE "${ptw_fuzz_main}")
        set(arguments "")
    else()
        set_target_properties(${name} PROPERTIES EXCLUDE_FROM_ALL ON)
        continue()
    endif()
    if(EXISTS "${seeds}")
        add_test(NAME seeds_${corpus} COMMAND ${name} ${arguments} "${seeds}")
        set_tests_properties(seeds_${corpus} PROPERTIES LABELS fuzz)
    endif()
endforeach()
