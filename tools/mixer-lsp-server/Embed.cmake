# Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
# cmake -D in=FILE -D out=FILE.inc -P Embed.cmake: the file's text as a C++ string literal.
file(READ ${in} text)
file(WRITE ${out} "R\"mixc(${text})mixc\"\n")
