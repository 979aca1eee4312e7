// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Commands.h"
#include "ShippedSpecs.h"
#include "Table.h"
#include "mixc/passes/Shape.h"
#include "llvm/ADT/StringExtras.h"

using namespace llvm;
using namespace mixc;

static constexpr StringRef kUsage = R"(usage: mixc list

Prints the specs that come with mixc: the name that every command takes, the dimensions whose sizes are compiled in, and
what it is.
)";

/// "H,G,N,P", as --shape takes them.
static std::string sizesOf(mixer::SpecOp spec) {
  std::vector<std::string> dims;
  for (char letter : usedDims(spec))
    dims.push_back(std::string(1, letter));
  return join(dims, ",");
}

int mixc::listCommand(Arguments args) {
  if (is_contained(args, "--help") || is_contained(args, "-h")) {
    outs() << kUsage;
    return kOk;
  }
  if (!args.empty())
    return fail(kBadInput, "expected no arguments, got '" + args.front() + "'");
  std::vector<std::string> names = shippedSpecs();
  if (names.empty())
    return fail(kBadInput, "expected specs in " + shippedDirectory() + ", which comes with mixc, got none");
  Table table({"spec", "sizes", "what it is"});
  table.leftAlign({0, 1, 2});
  int code = kOk;
  for (const std::string &name : names) {
    std::unique_ptr<SpecFile> file = SpecFile::open(name);
    if (!file) {
      code = kBadInput;
      continue;
    }
    for (auto spec : file->module().getOps<mixer::SpecOp>())
      table.add({name, sizesOf(spec), summaryOf(file->comments(spec).spec)});
  }
  table.print(outs());
  return code;
}
