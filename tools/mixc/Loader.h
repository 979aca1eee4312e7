// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// An object file linked into this process.
#pragma once

#include "mixc/runtime/descriptor.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"
#include <memory>

namespace mixc {

/// Owns the code.
class LoadedObject {
public:
  /// Links an object against the runtime in this program.
  static llvm::Expected<std::unique_ptr<LoadedObject>> load(llvm::StringRef object, llvm::StringRef name);
  /// The address of one of its symbols, as long as it lives.
  llvm::Expected<void *> find(llvm::StringRef symbol);
  ~LoadedObject();

private:
  struct Session;
  LoadedObject();
  std::unique_ptr<Session> session;
};

/// A compiled spec; its descriptor lives as long.
class LoadedSpec {
public:
  static llvm::Expected<std::unique_ptr<LoadedSpec>> load(llvm::StringRef object, llvm::StringRef spec);
  const mixc_spec_desc *descriptor() const { return desc; }

private:
  LoadedSpec() = default;
  std::unique_ptr<LoadedObject> object;
  const mixc_spec_desc *desc = nullptr;
};

} // namespace mixc
