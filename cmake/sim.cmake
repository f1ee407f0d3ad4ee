# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
#
# libptw-sim.a: simulated hardware, sim/*.c. Of libptw it uses the types alone. Its scheduler has threads.

find_package(Threads REQUIRED)
file(GLOB ptw_sim_headers CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/include/ptw/sim*.h")
file(GLOB ptw_sim_sources CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/sim/*.c")
add_library(ptw-sim STATIC ${ptw_sim_sources})
add_library(ptw::sim ALIAS ptw-sim)
target_link_libraries(ptw-sim PRIVATE $<BUILD_INTERFACE:ptw-hosted-flags> PUBLIC Threads::Threads)
if(PTW_NEEDS_LIBATOMIC)
    target_link_libraries(ptw-sim INTERFACE atomic)
endif()
target_include_directories(ptw-sim PUBLIC $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include>)
target_include_directories(ptw-sim PRIVATE "${PROJECT_SOURCE_DIR}")
set_target_properties(ptw-sim PROPERTIES EXPORT_NAME sim)

install(TARGETS ptw-sim EXPORT ptw-targets ARCHIVE DESTINATION "${CMAKE_INSTALL_LIBDIR}" INCLUDES DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}")
install(FILES ${ptw_sim_headers} DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}/ptw")
configure_file(cmake/ptw-sim.pc.in ptw-sim.pc @ONLY)
install(FILES "${PROJECT_BINARY_DIR}/ptw-sim.pc" DESTINATION "${CMAKE_INSTALL_LIBDIR}/pkgconfig")
