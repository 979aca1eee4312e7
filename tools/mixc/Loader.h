// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// An object file linked into this process.
#pragma once

#include "mixc/runtime/descriptor.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"
#include <memory>

namespace mixc {

/// Owns the code; the descriptor lives as long.
class LoadedSpec {
public:
  /// Links the object that was compiled for the spec against the runtime in this program.
  static llvm::Expected<std::unique_ptr<LoadedSpec>> load(llvm::StringRef object, llvm::StringRef spec);
  const mixc_spec_desc *descriptor() const { return desc; }
  ~LoadedSpec();

private:
  struct Session;
  LoadedSpec();
  std::unique_ptr<Session> session;
  const mixc_spec_desc *desc = nullptr;
};

} // namespace mixc
