# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
#
# The tests: each tests/test_*.c is one CMocka program, linked with tests/support/*.c and the format of
# examples/custom-format, which goes through all that the library's own formats go through; each tests/test_*.sh is run by
# sh with its surroundings in PTW, PTW_SOURCE, PTW_BUILD, PTW_CC, PTW_CFLAGS and PTW_MAKE_IMAGE. Exit status 77 means skipped.

file(GLOB ptw_test_sources CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/tests/test_*.c")
file(GLOB ptw_support_sources CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/tests/support/*.c")
file(GLOB ptw_custom_format CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/examples/custom-format/*.c")
list(FILTER ptw_custom_format EXCLUDE REGEX "/main\\.c$")
file(GLOB ptw_test_scripts CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/tests/test_*.sh")

find_package(PkgConfig QUIET)
if(PkgConfig_FOUND)
    pkg_check_modules(ptw_cmocka QUIET IMPORTED_TARGET cmocka)
endif()
if(NOT ptw_cmocka_FOUND)
    message(STATUS "cmocka (Debian: libcmocka-dev, pkg-config) is not there: the tests in C are not built")
endif()

# Not only for the tests: the fuzzing harnesses take their oracle from here. Sources that speak CMocka need it.
add_library(ptw-test-flags INTERFACE)
find_package(Threads REQUIRED)
target_link_libraries(ptw-test-flags INTERFACE ptw-sim ptw ptw-hosted-flags Threads::Threads)
target_include_directories(ptw-test-flags INTERFACE
    "${PROJECT_SOURCE_DIR}/tests/support" "${PROJECT_SOURCE_DIR}/tests" "${PROJECT_SOURCE_DIR}" "${PROJECT_SOURCE_DIR}/src")
target_compile_definitions(ptw-test-flags INTERFACE PTW_TEST_DATA="${PROJECT_SOURCE_DIR}/tests/data")
if(ptw_cmocka_FOUND)
    target_link_libraries(ptw-test-flags INTERFACE PkgConfig::ptw_cmocka)
endif()
if(ptw_support_sources)
    add_library(ptw-test-support STATIC EXCLUDE_FROM_ALL ${ptw_support_sources} ${ptw_custom_format})
    target_link_libraries(ptw-test-support PUBLIC ptw-test-flags)
endif()

# The walker once more, with a step of the scheduler at each access to an entry (sim/port_sim.h), for test_scheduled_*.c.
# Linked before libptw.a, it takes the place of what is there. Formats served by the run-time engine go through it.
add_library(ptw-scheduled STATIC EXCLUDE_FROM_ALL ${ptw_walk_sources})
target_link_libraries(ptw-scheduled PUBLIC ptw-sim PRIVATE ptw-core-flags)
target_compile_definitions(ptw-scheduled PRIVATE PTW_PORT_HEADER="sim/port_sim.h")

if(ptw_cmocka_FOUND)
    foreach(source IN LISTS ptw_test_sources)
        get_filename_component(name "${source}" NAME_WE)
        add_executable(${name} "${source}")
        set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/tests")
        if(name MATCHES "^test_scheduled_")
            target_link_libraries(${name} PRIVATE ptw-scheduled)
        endif()
        target_link_libraries(${name} PRIVATE $<TARGET_NAME_IF_EXISTS:ptw-test-support> ptw-test-flags)
        add_test(NAME ${name} COMMAND ${name} WORKING_DIRECTORY "${PROJECT_SOURCE_DIR}")
        set_tests_properties(${name} PROPERTIES SKIP_RETURN_CODE 77 LABELS unit)
    endforeach()
endif()

set(ptw_test_environment
    "PTW_SOURCE=${PROJECT_SOURCE_DIR}" "PTW_BUILD=${PROJECT_BINARY_DIR}" "PTW_CC=${CMAKE_C_COMPILER}"
    "PTW_CFLAGS=${CMAKE_C_FLAGS}")
if(TARGET ptw-tool)
    list(APPEND ptw_test_environment "PTW=$<TARGET_FILE:ptw-tool>")
endif()
if(EXISTS "${PROJECT_SOURCE_DIR}/tests/make_image.c")
    add_executable(make_image "${PROJECT_SOURCE_DIR}/tests/make_image.c")
    set_target_properties(make_image PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/tests")
    target_link_libraries(make_image PRIVATE $<TARGET_NAME_IF_EXISTS:ptw-test-support> ptw-test-flags)
    list(APPEND ptw_test_environment "PTW_MAKE_IMAGE=$<TARGET_FILE:make_image>")
endif()
foreach(source IN LISTS ptw_test_scripts)
    get_filename_component(name "${source}" NAME_WE)
    add_test(NAME ${name} COMMAND sh "${source}" WORKING_DIRECTORY "${PROJECT_SOURCE_DIR}")
    set_tests_properties(${name} PROPERTIES SKIP_RETURN_CODE 77 LABELS shell ENVIRONMENT "${ptw_test_environment}")
endforeach()
