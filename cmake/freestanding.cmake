# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
#
# Proves by linking that the library needs nothing: all of it in one relocatable object, and a program with nothing
# but a _start of its own. A symbol that neither has is a link error: a call into libc or the compiler's run time.
# Where a processor lacks an instruction (RISC-V without Zbb; 64-bit atomics on 32-bit x86) the compiler calls its run
# time; the preset names those functions, and only those, in PTW_RUNTIME_SYMBOLS.

separate_arguments(ptw_link_flags UNIX_COMMAND "${CMAKE_C_FLAGS}")
set(ptw_whole "${PROJECT_BINARY_DIR}/ptw-whole.o")
add_custom_command(
    OUTPUT "${ptw_whole}"
    COMMAND ${CMAKE_C_COMPILER} ${ptw_link_flags} -nostdlib -r -o "${ptw_whole}" -Wl,--whole-archive $<TARGET_FILE:ptw>
    DEPENDS ptw
    COMMENT "Linking the whole library into one object"
    VERBATIM)

add_executable(ptw-freestanding cmake/freestanding.c "${ptw_whole}")
set_target_properties(ptw-freestanding PROPERTIES SUFFIX .elf)
target_link_libraries(ptw-freestanding PRIVATE ptw-core-flags)
target_include_directories(ptw-freestanding PRIVATE "${PROJECT_SOURCE_DIR}/include")
target_link_options(ptw-freestanding PRIVATE -nostdlib -static -Wl,--no-undefined -Wl,-e,ptw_freestanding_start)
foreach(symbol IN LISTS PTW_RUNTIME_SYMBOLS)
    target_link_options(ptw-freestanding PRIVATE "-Wl,--defsym=${symbol}=0")
endforeach()
