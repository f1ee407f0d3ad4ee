# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
#
# Compiler flags, as two interface targets: ptw-core-flags for what must run without a libc (include/, src/, arch/),
# ptw-hosted-flags for programs (tool, tests, bench, fuzz, examples).

include(CheckCCompilerFlag)

get_property(ptw_multi_config GLOBAL PROPERTY GENERATOR_IS_MULTI_CONFIG)
if(PROJECT_IS_TOP_LEVEL)
    if(NOT CMAKE_BUILD_TYPE AND NOT ptw_multi_config)
        set(CMAKE_BUILD_TYPE Release CACHE STRING "Debug or Release" FORCE)
    endif()
    set(CMAKE_C_FLAGS_RELEASE "-O2 -DNDEBUG")
    set(CMAKE_C_FLAGS_DEBUG "-O1 -g")
    set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
    set(CMAKE_RUNTIME_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}")
    set(CMAKE_ARCHIVE_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}")
endif()

set(ptw_warnings -Wall -Wextra -Wconversion -Wshadow)
if(PTW_WERROR)
    list(APPEND ptw_warnings -Werror)
endif()

# No vector or floating-point register may be touched: a kernel has not saved them.
add_library(ptw-core-flags INTERFACE)
target_compile_options(ptw-core-flags INTERFACE -std=c11 -ffreestanding -Wpedantic ${ptw_warnings})
if(CMAKE_SYSTEM_PROCESSOR MATCHES "^(x86_64|AMD64|i.86|aarch64|arm64)$")
    check_c_compiler_flag(-mgeneral-regs-only PTW_HAVE_GENERAL_REGS_ONLY)
    if(PTW_HAVE_GENERAL_REGS_ONLY)
        target_compile_options(ptw-core-flags INTERFACE -mgeneral-regs-only)
    endif()
endif()
# Atomics in place, not as calls into the compiler's run time that choose at run time.
if(CMAKE_SYSTEM_PROCESSOR MATCHES "^(aarch64|arm64)$")
    check_c_compiler_flag(-mno-outline-atomics PTW_HAVE_NO_OUTLINE_ATOMICS)
    if(PTW_HAVE_NO_OUTLINE_ATOMICS)
        target_compile_options(ptw-core-flags INTERFACE -mno-outline-atomics)
    endif()
endif()
target_include_directories(ptw-core-flags INTERFACE "${PROJECT_SOURCE_DIR}" "${PROJECT_SOURCE_DIR}/src")

add_library(ptw-hosted-flags INTERFACE)
target_compile_options(ptw-hosted-flags INTERFACE -std=gnu11 ${ptw_warnings})
