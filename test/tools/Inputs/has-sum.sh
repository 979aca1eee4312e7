#!/bin/sh
# Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
# Exit code 1 says that the file is interesting.
grep -q "mixer.sum" "$1" && exit 1
exit 0
