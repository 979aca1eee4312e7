// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What is left behind when the program is ended from outside: nothing.
#pragma once

namespace mixc {

/// Temporary files are removed and child processes ended when a signal or the limit of CPU time ends the program. Where memory or threads
/// run out, it says so and ends with kBadInput. A file that grows over its limit is an error of writing. Once, before any file is made.
void handleInterrupts();

} // namespace mixc
