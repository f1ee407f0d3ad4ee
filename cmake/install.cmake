# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
#
# `cmake --install`: headers, libptw.a, the CMake package with its targets ptw::ptw and ptw::engine, ptw.pc and
# ptw-engine.pc; cmake/sim.cmake adds ptw::sim and ptw-sim.pc. They may be moved with the prefix: they find their files
# relative to themselves. With the tool built, it is installed too. The engine's headers, for formats outside of this tree, are apart from the others: they belong to
# this very version of the library.

include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

set(ptw_cmake_dir "${CMAKE_INSTALL_LIBDIR}/cmake/ptw")
install(TARGETS ptw EXPORT ptw-targets ARCHIVE DESTINATION "${CMAKE_INSTALL_LIBDIR}" INCLUDES DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}")
install(FILES ${ptw_headers} DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}/ptw")
install(TARGETS ptw-engine EXPORT ptw-targets INCLUDES DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}/ptw/engine")
install(FILES ${ptw_engine_headers} DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}/ptw/engine/walk")
install(EXPORT ptw-targets NAMESPACE ptw:: DESTINATION "${ptw_cmake_dir}")

set(ptw_config_dependencies "")
if(NOT PTW_CORE_ONLY) # ptw::sim
    set(ptw_config_dependencies "include(CMakeFindDependencyMacro)\nfind_dependency(Threads)")
endif()
configure_package_config_file(cmake/ptw-config.cmake.in ptw-config.cmake INSTALL_DESTINATION "${ptw_cmake_dir}")
write_basic_package_version_file(ptw-config-version.cmake COMPATIBILITY SameMinorVersion)
install(FILES "${PROJECT_BINARY_DIR}/ptw-config.cmake" "${PROJECT_BINARY_DIR}/ptw-config-version.cmake"
        DESTINATION "${ptw_cmake_dir}")

file(RELATIVE_PATH ptw_pc_to_prefix "/prefix/${CMAKE_INSTALL_LIBDIR}/pkgconfig" "/prefix")
configure_file(cmake/ptw.pc.in ptw.pc @ONLY)
configure_file(cmake/ptw-engine.pc.in ptw-engine.pc @ONLY)
install(FILES "${PROJECT_BINARY_DIR}/ptw.pc" "${PROJECT_BINARY_DIR}/ptw-engine.pc" DESTINATION "${CMAKE_INSTALL_LIBDIR}/pkgconfig")
