# Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
# How libraries and tools of the compiler are declared.

# Adds those of the directories that have a CMakeLists.txt.
macro(mixc_add_subdirectories)
  foreach(dir ${ARGN})
    if(EXISTS ${CMAKE_CURRENT_SOURCE_DIR}/${dir}/CMakeLists.txt)
      add_subdirectory(${dir})
    endif()
  endforeach()
endmacro()

# What a C++ target that includes MLIR's headers needs. Generated .inc files count as system headers: no warnings from them.
function(mixc_compiler_target name scope)
  target_include_directories(${name} ${scope}
    ${PROJECT_SOURCE_DIR}/dialect/include ${PROJECT_SOURCE_DIR}/passes/include
    ${PROJECT_SOURCE_DIR}/runtime/include ${PROJECT_SOURCE_DIR}/tools/include)
  target_include_directories(${name} SYSTEM ${scope}
    ${PROJECT_BINARY_DIR}/include ${MLIR_INCLUDE_DIRS} ${LLVM_INCLUDE_DIRS})
  target_compile_definitions(${name} PRIVATE ${MIXC_LLVM_DEFINITIONS})
  target_compile_options(${name} PRIVATE $<$<COMPILE_LANGUAGE:CXX>:-fno-exceptions>)
endfunction()

# MLIR's headers take most of the time of most sources: libraries and programs share one precompiled header.
add_library(MixcPrecompiled OBJECT ${PROJECT_SOURCE_DIR}/cmake/precompiled.cpp)
mixc_compiler_target(MixcPrecompiled PRIVATE)
target_precompile_headers(MixcPrecompiled PRIVATE ${PROJECT_SOURCE_DIR}/cmake/precompiled.h)
add_dependencies(MixcPrecompiled MixcMixerIncGen MixcTileIncGen MixcGpuTileIncGen)

# mixc_add_library(NAME a.cpp b.cpp [LINK_LIBS MixcOther ...] [DEPENDS MixcXIncGen ...])
# A static library of the compiler. MLIR and LLVM need no naming; generated headers of LINK_LIBS are built first.
function(mixc_add_library name)
  cmake_parse_arguments(ARG "" "" "LINK_LIBS;DEPENDS" ${ARGN})
  add_library(${name} STATIC ${ARG_UNPARSED_ARGUMENTS})
  mixc_compiler_target(${name} PUBLIC)
  target_precompile_headers(${name} REUSE_FROM MixcPrecompiled)
  target_link_libraries(${name} PUBLIC ${ARG_LINK_LIBS})
  if(ARG_DEPENDS)
    add_dependencies(${name} ${ARG_DEPENDS})
  endif()
endfunction()

# Every static MLIR library that a tool could refer to, and the LLVM components for x86 and NVPTX. The exported MLIR targets name
# the LLVM dylib in their link interface, so the archives are given as files: the linker takes only the members it needs.
function(mixc_link_static_mlir name)
  set(archives)
  foreach(target ${MLIR_EXPORTED_TARGETS})
    get_target_property(type ${target} TYPE)
    if(type STREQUAL STATIC_LIBRARY AND NOT target MATCHES "^MLIRCAPI|ExecutionEngine|JitRunner")
      list(APPEND archives $<TARGET_FILE:${target}>)
    endif()
  endforeach()
  llvm_map_components_to_libnames(llvm_libs core support passes target analysis asmparser bitreader bitwriter irreader linker
    frontendopenmp supportlsp targetparser orcjit jitlink x86codegen x86asmparser x86desc x86info nvptxcodegen nvptxdesc nvptxinfo)
  target_link_libraries(${name} PRIVATE -Wl,--start-group ${archives} -Wl,--end-group ${llvm_libs})
  target_link_options(${name} PRIVATE -Wl,--gc-sections -Wl,--as-needed -static-libstdc++ -static-libgcc -s)
endfunction()

# mixc_add_executable(NAME a.cpp [LINK_LIBS MixcOther ...] [DEPENDS ...]): a program that uses MLIR (a tool or a unit test).
function(mixc_add_executable name)
  cmake_parse_arguments(ARG "" "" "LINK_LIBS;DEPENDS" ${ARGN})
  add_executable(${name} ${ARG_UNPARSED_ARGUMENTS})
  mixc_compiler_target(${name} PRIVATE)
  # The header was compiled for code at any address, in libraries as well: -fPIE would not take it.
  set_target_properties(${name} PROPERTIES POSITION_INDEPENDENT_CODE OFF)
  target_compile_options(${name} PRIVATE -fPIC)
  target_precompile_headers(${name} REUSE_FROM MixcPrecompiled)
  target_link_libraries(${name} PRIVATE ${ARG_LINK_LIBS})
  if(ARG_DEPENDS)
    add_dependencies(${name} ${ARG_DEPENDS})
  endif()
  if(MIXC_LINK_DYLIB)
    target_link_libraries(${name} PRIVATE MLIR LLVM)
  else()
    mixc_link_static_mlir(${name})
  endif()
endfunction()

# mixc_add_tool(NAME a.cpp [LINK_LIBS MixcOther ...]): a program in bin/, installed. With the dylib it finds LLVM where LLVM is installed.
function(mixc_add_tool name)
  mixc_add_executable(${name} ${ARGN})
  if(MIXC_LINK_DYLIB)
    set_target_properties(${name} PROPERTIES INSTALL_RPATH "${LLVM_LIBRARY_DIRS}")
  endif()
  install(TARGETS ${name} EXPORT mixcTargets RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
endfunction()
