// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "ShippedSpecs.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallString.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"

using namespace llvm;
using namespace mixc;

std::string mixc::shippedDirectory() {
  SmallString<128> path(
      sys::path::parent_path(sys::path::parent_path(sys::fs::getMainExecutable(nullptr, reinterpret_cast<void *>(&shippedSpecs)))));
  sys::path::append(path, "share", "mixc", "mixers");
  return path.str().str();
}

std::vector<std::string> mixc::shippedSpecs() {
  std::vector<std::string> names;
  std::error_code error;
  for (sys::fs::directory_iterator file(shippedDirectory(), error), end; !error && file != end; file.increment(error))
    if (sys::path::extension(file->path()) == ".mlir")
      names.push_back(sys::path::stem(file->path()).str());
  llvm::sort(names);
  return names;
}

std::string mixc::resolveSpec(StringRef given) {
  if (given == "-" || sys::fs::exists(given) || given.contains('/') || given.ends_with(".mlir"))
    return given.str();
  SmallString<128> shipped(shippedDirectory());
  sys::path::append(shipped, given + ".mlir");
  return sys::fs::exists(shipped) ? std::string(shipped) : given.str();
}
