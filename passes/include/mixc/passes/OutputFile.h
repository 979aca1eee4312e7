// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Files that are either complete or not there.
#pragma once

#include "llvm/Support/Error.h"
#include "llvm/Support/FileSystem.h"
#include <optional>
#include <string>
#include <vector>

namespace mixc {

/// Files that appear together. Each is written into a temporary file beside it, which `open` makes: what cannot be written is known
/// before there is something to write. "-" is standard output; it, devices and pipes are written directly. Errors name the path.
class OutputFiles {
public:
  static llvm::Expected<OutputFiles> open(llvm::ArrayRef<std::string> paths);
  OutputFiles(OutputFiles &&) = default;
  /// Removes what was not committed; so does a signal that ends the program.
  ~OutputFiles();

  llvm::StringRef path(size_t i) const { return files[i].path; }
  /// Where the bytes of a file go: its temporary file, or itself.
  llvm::StringRef writtenPath(size_t i) const;
  llvm::Error write(size_t i, llvm::StringRef bytes);
  /// Puts every file in its place, over what was there.
  llvm::Error commit();

private:
  struct File {
    std::string path;
    std::optional<llvm::sys::fs::TempFile> temporary;
  };
  OutputFiles() = default;
  std::vector<File> files;
};

/// No output is opened from here on, for a program that ends while other threads go on; allocates nothing.

/// One file, opened, written and committed.
llvm::Error writeFile(llvm::StringRef path, llvm::StringRef bytes);

} // namespace mixc
