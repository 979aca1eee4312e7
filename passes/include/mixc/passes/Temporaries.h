// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Names of temporary files, which go where the program ends early. After a crash LLVM removes what is registered with it as well; but one
// thread does, and another one that ends the program meanwhile finds nothing left to remove there.
#pragma once

#include "llvm/ADT/StringRef.h"

namespace mixc {

void noteTemporary(llvm::StringRef path);
/// The file has its own name now, or is removed.
void forgetTemporary(llvm::StringRef path);
/// Removes them all. Takes no memory and no lock.
void removeTemporaries();

} // namespace mixc
