// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Command line flags as a table: `--name=value`, `--name value`, `-o value`, `--name`.
#pragma once

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/raw_ostream.h"
#include <functional>
#include <set>
#include <string>
#include <vector>

namespace mixc {

/// One flag. Without `value` it is a switch; a value in brackets, "[FILE]", may be left out.
struct Flag {
  llvm::StringRef name;  ///< with its dashes
  llvm::StringRef value; ///< what stands for the value in the help
  std::string help;
  std::function<llvm::Error(llvm::StringRef)> set;
  bool repeats = false; ///< may be given more than once
};

/// The flags of a command.
class FlagTable {
public:
  void add(Flag flag) { flags.push_back(std::move(flag)); }
  void addText(llvm::StringRef name, llvm::StringRef value, llvm::StringRef help, std::string &variable);
  void addSwitch(llvm::StringRef name, llvm::StringRef help, bool &variable);
  /// An integer from `least` to `most`.
  void addInteger(llvm::StringRef name, llvm::StringRef help, int64_t least, int64_t most, int64_t &variable);

  /// Sets what the flags name; what is left are the positional arguments.
  llvm::Expected<std::vector<llvm::StringRef>> parse(llvm::ArrayRef<llvm::StringRef> args);
  /// Whether the command line had the flag.
  bool has(llvm::StringRef name) const { return given.count(name.str()); }
  void printHelp(llvm::raw_ostream &os) const;

private:
  const Flag *find(llvm::StringRef name) const;
  llvm::Error unknown(llvm::StringRef name) const;
  std::vector<Flag> flags;
  std::set<std::string> given;
};

} // namespace mixc
