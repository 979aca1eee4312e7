# Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

# mixc_compile(<target> <spec.mlir> SHAPE <H=24,P=64,...> [DTYPE f32|bf16|f16] [TARGETS x86-64 sm_80 ...]
#              [PRECISION tf32|f32] [ALGORITHM auto|quadratic|scan|chunked] [NAME <C identifier>]
#              [OPTIONS <more flags of mixc compile>...])
# Compiles the spec with mixc and adds its object file to <target>, its header to <target>'s include path, and the runtime to what
# <target> links. Symbols, types and the header's file are called NAME; without it, like the spec: mamba2.mlir gives mamba2.h.
# A target that holds one spec twice, for other sizes or types, gives each a NAME.
function(mixc_compile target spec)
  cmake_parse_arguments(PARSE_ARGV 2 ARG "" "SHAPE;DTYPE;PRECISION;ALGORITHM;NAME" "TARGETS;OPTIONS")
  if(ARG_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "mixc_compile: expected SHAPE, DTYPE, PRECISION, ALGORITHM, NAME, TARGETS or OPTIONS, got ${ARG_UNPARSED_ARGUMENTS}")
  endif()
  if(NOT ARG_SHAPE)
    message(FATAL_ERROR "mixc_compile: expected SHAPE with the spec's sizes, such as SHAPE H=24,P=64,N=128,G=1")
  endif()
  get_filename_component(spec ${spec} ABSOLUTE)
  set(dir ${CMAKE_CURRENT_BINARY_DIR}/mixc/${target})
  set(flags --shape=${ARG_SHAPE})
  if(ARG_NAME)
    set(name ${ARG_NAME})
    list(APPEND flags --name=${ARG_NAME})
  else()
    get_filename_component(name ${spec} NAME_WE)
  endif()
  if(ARG_DTYPE)
    list(APPEND flags --dtype=${ARG_DTYPE})
  endif()
  if(ARG_PRECISION)
    list(APPEND flags --precision=${ARG_PRECISION})
  endif()
  if(ARG_ALGORITHM)
    list(APPEND flags --algorithm=${ARG_ALGORITHM})
  endif()
  if(ARG_TARGETS)
    list(JOIN ARG_TARGETS "," targets)
    list(APPEND flags --target=${targets})
  endif()
  file(MAKE_DIRECTORY ${dir})
  add_custom_command(OUTPUT ${dir}/${name}.o ${dir}/${name}.h ${dir}/${name}.json
    COMMAND mixc::mixc compile ${spec} -o ${dir}/${name} ${flags} ${ARG_OPTIONS}
    DEPENDS ${spec} mixc::mixc COMMENT "mixc compile ${name}" VERBATIM)
  target_sources(${target} PRIVATE ${dir}/${name}.o ${dir}/${name}.h)
  set_source_files_properties(${dir}/${name}.o PROPERTIES EXTERNAL_OBJECT ON GENERATED ON)
  target_include_directories(${target} PUBLIC $<BUILD_INTERFACE:${dir}>)
  target_link_libraries(${target} PUBLIC mixc::runtime)
endfunction()
