// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Holds nothing: its target carries the precompiled header that the compiler's libraries share.
