# Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
# cmake -DGIT=... -DSOURCE=... -DOUTPUT=... -P: writes a header with the commit that the source tree is at; empty where it is no
# repository of its own.
set(commit)
if(GIT)
  execute_process(COMMAND ${GIT} rev-parse --show-toplevel WORKING_DIRECTORY ${SOURCE}
    OUTPUT_VARIABLE root OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
  file(REAL_PATH "${SOURCE}" source)
  if("${root}" STREQUAL "${source}")
    execute_process(COMMAND ${GIT} describe --always --abbrev=12 WORKING_DIRECTORY ${SOURCE}
      OUTPUT_VARIABLE commit OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
  endif()
endif()
file(WRITE ${OUTPUT} "#define MIXC_COMMIT \"${commit}\"\n")
