// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Names of temporary files, which go where the program ends early. After a crash LLVM removes what is registered with it as well; but one
// thread does, and another one that ends the program meanwhile finds nothing left to remove there.
#pragma once

#include "llvm/ADT/StringRef.h"
#include <csignal>

namespace mixc {

void noteTemporary(llvm::StringRef path);
/// While files are made and noted: signals wait, one of which would end the program in between; one thread does so at a time, and none once
/// the program ends, since nobody would remove them any more.
class MakingTemporaries {
public:
  MakingTemporaries();
  ~MakingTemporaries();

private:
  sigset_t before;
};

/// From now on no other thread makes any.
void makeNoMoreTemporaries();
/// The file has its own name now, or is removed.
void forgetTemporary(llvm::StringRef path);
/// Removes them all. Takes no memory and no lock.
void removeTemporaries();

} // namespace mixc
