# Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
# Finds MLIR and LLVM and sets the flags that every target shares.

if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "" FORCE)
endif()

find_program(MIXC_CCACHE ccache)
foreach(lang C CXX)
  if(MIXC_CCACHE AND NOT DEFINED CMAKE_${lang}_COMPILER_LAUNCHER)
    # The sloppiness lets ccache serve sources that use a precompiled header; clang must leave time stamps out of that header. What a
    # source depends on is read off its .d file: a cold build has no third of preprocessing.
    set(CMAKE_${lang}_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env CCACHE_SLOPPINESS=pch_defines,time_macros CCACHE_DEPEND=1 ${MIXC_CCACHE})
  endif()
endforeach()

find_package(MLIR 22.1 REQUIRED CONFIG HINTS /usr/lib/llvm-22/lib/cmake/mlir)
find_package(ZLIB REQUIRED)
find_package(Threads REQUIRED)
separate_arguments(MIXC_LLVM_DEFINITIONS NATIVE_COMMAND "${LLVM_DEFINITIONS}")

# gcc keeps the system's linker: it does not find a versioned lld.
if(CMAKE_CXX_COMPILER_ID MATCHES Clang)
  add_link_options(-fuse-ld=lld)
  add_compile_options("$<$<COMPILE_LANGUAGE:CXX>:SHELL:-Xclang -fno-pch-timestamp>")
endif()
add_compile_options(-Wall -Wextra -Wno-unused-parameter -Wno-missing-field-initializers
  -ffunction-sections -fdata-sections)
if(CMAKE_CXX_COMPILER_ID STREQUAL GNU)
  # Moves that other compilers need, and the if and else of GoogleTest's macros.
  add_compile_options($<$<COMPILE_LANGUAGE:CXX>:-Wno-redundant-move> -Wno-dangling-else)
endif()
if(MIXC_SANITIZE)
  add_compile_options(-fsanitize=${MIXC_SANITIZE} -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${MIXC_SANITIZE})
endif()
