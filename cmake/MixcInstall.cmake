# Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
# The installed tree: bin/mixc, lib/, include/mixc/runtime/, share/mixc/{mixers,targets}, share/doc/mixc/{README.md,docs,examples},
# lib/cmake/mixc/, lib/pkgconfig/mixc.pc. Nothing in it holds an absolute path: mixc looks for mixers and targets in ../share/mixc of
# its own binary, pkg-config for everything from where mixc.pc lies. The build tree mirrors that with links, so that find_package and
# pkg-config take it as well.
include(CMakePackageConfigHelpers)
set(MIXC_CMAKE_DIR ${CMAKE_INSTALL_LIBDIR}/cmake/mixc)
set(MIXC_PKGCONFIG_DIR ${CMAKE_INSTALL_LIBDIR}/pkgconfig)

file(MAKE_DIRECTORY ${PROJECT_BINARY_DIR}/share/mixc ${PROJECT_BINARY_DIR}/${CMAKE_INSTALL_INCLUDEDIR}/mixc)
file(CREATE_LINK ${PROJECT_SOURCE_DIR}/runtime/include/mixc/runtime ${PROJECT_BINARY_DIR}/${CMAKE_INSTALL_INCLUDEDIR}/mixc/runtime SYMBOLIC)
foreach(dir mixers targets)
  file(CREATE_LINK ${PROJECT_SOURCE_DIR}/${dir} ${PROJECT_BINARY_DIR}/share/mixc/${dir} SYMBOLIC)
  install(DIRECTORY ${dir} DESTINATION ${CMAKE_INSTALL_DATADIR}/mixc FILES_MATCHING PATTERN *.mlir PATTERN *.json)
endforeach()
install(DIRECTORY tools/editors DESTINATION ${CMAKE_INSTALL_DATADIR}/mixc)
install(FILES LICENSE DESTINATION ${CMAKE_INSTALL_DATADIR}/mixc)
install(FILES README.md DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(DIRECTORY docs DESTINATION ${CMAKE_INSTALL_DOCDIR} FILES_MATCHING PATTERN *.md)
install(DIRECTORY examples DESTINATION ${CMAKE_INSTALL_DOCDIR})

# By way of /, which is no part of the result, since the prefix is known only when installing.
file(RELATIVE_PATH MIXC_PREFIX_FROM_PKGCONFIG /${MIXC_PKGCONFIG_DIR} /)
configure_file(cmake/mixc.pc.in ${PROJECT_BINARY_DIR}/${MIXC_PKGCONFIG_DIR}/mixc.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/${MIXC_PKGCONFIG_DIR}/mixc.pc DESTINATION ${MIXC_PKGCONFIG_DIR})

foreach(library mixc_runtime mixc_runtime_shared)
  if(TARGET ${library})
    string(REGEX REPLACE "^mixc_" "" export_name ${library})
    set_target_properties(${library} PROPERTIES EXPORT_NAME ${export_name})
    install(TARGETS ${library} EXPORT mixcTargets
      ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR})
  endif()
endforeach()
install(DIRECTORY runtime/include/mixc/runtime DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/mixc FILES_MATCHING PATTERN *.h)

set(package ${PROJECT_BINARY_DIR}/${MIXC_CMAKE_DIR})
# In a tree that was configured before it was a package: an incomplete one, which would be found first.
file(REMOVE ${PROJECT_BINARY_DIR}/cmake/mixcConfig.cmake ${PROJECT_BINARY_DIR}/cmake/mixcConfigVersion.cmake)
configure_package_config_file(cmake/mixcConfig.cmake.in ${package}/mixcConfig.cmake INSTALL_DESTINATION ${MIXC_CMAKE_DIR})
write_basic_package_version_file(${package}/mixcConfigVersion.cmake COMPATIBILITY SameMinorVersion)
configure_file(cmake/MixcCompile.cmake ${package}/MixcCompile.cmake COPYONLY)
install(FILES ${package}/mixcConfig.cmake ${package}/mixcConfigVersion.cmake ${package}/MixcCompile.cmake DESTINATION ${MIXC_CMAKE_DIR})
if(TARGET mixc_runtime)
  install(EXPORT mixcTargets NAMESPACE mixc:: DESTINATION ${MIXC_CMAKE_DIR})
  export(EXPORT mixcTargets NAMESPACE mixc:: FILE ${package}/mixcTargets.cmake)
endif()
