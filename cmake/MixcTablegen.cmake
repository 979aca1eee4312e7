# Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
# Generated headers lie in <build>/include/mixc/<part>/ and are included as "mixc/<part>/X.h.inc".

find_program(MIXC_MLIR_TBLGEN mlir-tblgen HINTS ${LLVM_TOOLS_BINARY_DIR} REQUIRED)
set(MIXC_TABLEGEN_INCLUDES ${PROJECT_SOURCE_DIR}/dialect ${PROJECT_SOURCE_DIR}/dialect/include
  ${PROJECT_SOURCE_DIR}/passes/include ${MLIR_INCLUDE_DIRS})
list(REMOVE_DUPLICATES MIXC_TABLEGEN_INCLUDES)
list(TRANSFORM MIXC_TABLEGEN_INCLUDES PREPEND "-I")

# mixc_tablegen(X.td dialect/X.h.inc -gen-op-decls ...): one generated file, added to the caller's list MIXC_TABLEGEN_OUTPUTS.
function(mixc_tablegen td out)
  get_filename_component(td ${td} ABSOLUTE)
  set(file ${PROJECT_BINARY_DIR}/include/mixc/${out})
  get_filename_component(dir ${file} DIRECTORY)
  file(MAKE_DIRECTORY ${dir})
  add_custom_command(OUTPUT ${file}
    COMMAND ${MIXC_MLIR_TBLGEN} ${ARGN} ${td} ${MIXC_TABLEGEN_INCLUDES} -I${CMAKE_CURRENT_SOURCE_DIR}
      --write-if-changed -o ${file} -d ${file}.d
    DEPENDS ${td} DEPFILE ${file}.d COMMENT "Generating mixc/${out}" VERBATIM)
  set(MIXC_TABLEGEN_OUTPUTS ${MIXC_TABLEGEN_OUTPUTS} ${file} PARENT_SCOPE)
endfunction()

# mixc_tablegen_target(NAME): a target for the files listed so far; empties the list.
macro(mixc_tablegen_target name)
  add_custom_target(${name} DEPENDS ${MIXC_TABLEGEN_OUTPUTS})
  set(MIXC_TABLEGEN_OUTPUTS)
endmacro()

# mixc_dialect_tablegen(MixcMixerIncGen MixerOps.td Mixer mixer [INTERFACES]): everything of the dialect `mixer` in MixerOps.td,
# as dialect/Mixer{Dialect,Ops,Types,Attrs,Enums}.{h,cpp}.inc (INTERFACES adds Mixer{Op,Type,Attr}Interfaces).
macro(mixc_dialect_tablegen name td prefix dialect)
  mixc_tablegen(${td} dialect/${prefix}Dialect.h.inc -gen-dialect-decls -dialect=${dialect})
  mixc_tablegen(${td} dialect/${prefix}Dialect.cpp.inc -gen-dialect-defs -dialect=${dialect})
  mixc_tablegen(${td} dialect/${prefix}Ops.h.inc -gen-op-decls -dialect=${dialect})
  mixc_tablegen(${td} dialect/${prefix}Ops.cpp.inc -gen-op-defs -dialect=${dialect})
  mixc_tablegen(${td} dialect/${prefix}Types.h.inc -gen-typedef-decls -typedefs-dialect=${dialect})
  mixc_tablegen(${td} dialect/${prefix}Types.cpp.inc -gen-typedef-defs -typedefs-dialect=${dialect})
  mixc_tablegen(${td} dialect/${prefix}Attrs.h.inc -gen-attrdef-decls -attrdefs-dialect=${dialect})
  mixc_tablegen(${td} dialect/${prefix}Attrs.cpp.inc -gen-attrdef-defs -attrdefs-dialect=${dialect})
  mixc_tablegen(${td} dialect/${prefix}Enums.h.inc -gen-enum-decls)
  mixc_tablegen(${td} dialect/${prefix}Enums.cpp.inc -gen-enum-defs)
  if("${ARGN}" STREQUAL "INTERFACES")
    foreach(kind op type attr)
      string(SUBSTRING ${kind} 0 1 first)
      string(TOUPPER ${first} first)
      string(REGEX REPLACE "^." ${first} Kind ${kind})
      mixc_tablegen(${td} dialect/${prefix}${Kind}Interfaces.h.inc -gen-${kind}-interface-decls)
      mixc_tablegen(${td} dialect/${prefix}${Kind}Interfaces.cpp.inc -gen-${kind}-interface-defs)
    endforeach()
  endif()
  mixc_tablegen_target(${name})
endmacro()
