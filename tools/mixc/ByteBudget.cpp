// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "ByteBudget.h"
#include "mixc/dialect/Tile.h"
#include "mixc/passes/SelectOptions.h"
#include "llvm/Support/FormatVariadic.h"

using namespace llvm;
using namespace mixc;

/// Whether the file says how the spec is computed, so that there is nothing to choose.
static bool hasGivenPlans(ChosenSpec &chosen) {
  return chosen.spec.getPlansAttr() || any_of(chosen.file->module().getOps<tile::ProgramOp>(),
                                              [&](tile::ProgramOp program) { return program.getSpec() == chosen.spec.getSymName(); });
}

/// Of one kind of code: for the CPU, for every GPU, for one architecture.
static int64_t mostVariants(const SpecInfo &info) {
  std::map<std::pair<int, bool>, int64_t> counts;
  for (const VariantInfo &variant : info.variants)
    ++counts[{variant.device, variant.archSpecific}];
  int64_t most = 0;
  for (auto &[kind, count] : counts)
    most = std::max(most, count);
  return most;
}

CompileResult mixc::compileWithin(MutableArrayRef<ChosenSpec> chosen, const CompileOptions &options, int64_t maxBytes) {
  std::vector<CompileInput> inputs;
  for (ChosenSpec &one : chosen)
    inputs.push_back({one.file->module(), optionsFor(one, options)});
  for (int64_t limit = kMaxVariants;;) {
    CompileResult result = compileTogether(inputs);
    if (!result.artefacts)
      return result;
    const int64_t bytes = static_cast<int64_t>(result.artefacts->object.size());
    if (maxBytes == 0 || bytes <= maxBytes)
      return result;
    int64_t most = 1;
    for (auto [one, info] : zip_equal(chosen, result.artefacts->specs))
      if (!hasGivenPlans(one))
        most = std::max(most, mostVariants(info));
    limit = std::min(limit, most) - 1;
    if (limit < 1) {
      fail(kBadInput, formatv("--max-bytes: expected at least {0}, the bytes of the object with as few variants as it can have, got {1}; "
                              "compile for fewer machines, as with --target=x86-64, or fewer specs and shapes into it",
                              bytes, maxBytes));
      return {std::nullopt, CompileError::BadInput};
    }
    note(formatv("--max-bytes: expected at most {0} bytes, got {1} with {2} variants of a kind; compiling with {3}", maxBytes, bytes, most,
                 limit));
    for (auto [one, input] : zip_equal(chosen, inputs))
      if (!hasGivenPlans(one))
        input.options.variants = limit;
  }
}
