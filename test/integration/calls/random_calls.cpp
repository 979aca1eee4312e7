// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// random_calls: mixers of every size, dtype and plan that are drawn, compiled here and called on the CPU, or, by a variant that takes the
// call's tensors, on this machine's GPU (--device=cuda); Calls.h says which other flags there are.

#include "Calls.h"
#include "Numbers.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Signals.h"
#include "llvm/Support/raw_ostream.h"

using namespace llvm;
using namespace mixc;
using namespace mixc::calls;

/// So many calls, one after another, have a mixer in common: compiling takes longer than a call.
static constexpr uint64_t kCallsOfOne = 8;

static test::Recipe drawRecipe(Random &random) {
  const char *const mixers[] = {
      "mamba2",   "mamba2_gated", "simple_gla", "simple_gla",         "retention", "linear_attn", "linear_attn_normalized", "cumprodsum",
      "gla",      "kda",          "delta_rule", "gated_delta_rule",   "rwkv6",     "heads",       "gated_delta_product",    "mamba2_block",
      "previous", "conv_columns", "mlstm",      "toeplitz_attention", "rotary"};
  const int64_t sizes[] = {1, 3, 4, 8, 16, 16, 16, 20, 32, 33, 64, 128}, perGroup[] = {1, 1, 2, 3, 4};
  const char *const dtypes[] = {"f32", "f32", "bf16", "f16"};
  const char *const levels[] = {"", "", "", "v3"};
  test::Recipe recipe{pick(random, mixers), {}, pick(random, dtypes), pick(random, levels)};
  recipe.sizes["H"] = pick(random, perGroup);
  if (StringRef(recipe.mixer).starts_with("mamba2") || recipe.mixer == "previous") {
    recipe.sizes["G"] = 1 + below(random, 2);
    recipe.sizes["H"] *= recipe.sizes["G"];
  }
  if (recipe.mixer == "heads")
    for (const char *dim : {"G", "Q", "K", "V"})
      recipe.sizes[dim] = below(random, 2) ? recipe.sizes["H"] : 1;
  if (recipe.mixer == "gated_delta_product")
    recipe.sizes["R"] = int64_t(1) << below(random, 3);
  if (StringRef(recipe.mixer).starts_with("conv") || recipe.mixer == "mamba2_block")
    recipe.sizes["W"] = 1 + below(random, 4);
  if (recipe.sizes.count("W") || recipe.mixer == "previous")
    recipe.sizes["L"] = 3 + below(random, 3);
  if (recipe.mixer != "cumprodsum")
    for (const char *dim : {"N", "P"})
      recipe.sizes[dim] = pick(random, sizes);
  if (recipe.mixer == "conv_columns")
    recipe.sizes.erase("P");
  return recipe;
}

static bool returnsStates(const test::Recipe &recipe) {
  const char *const mixers[] = {"mamba2", "simple_gla",          "gla",         "kda", "delta_rule", "mlstm", "gated_delta_rule",
                                "rwkv6",  "gated_delta_product", "mamba2_block"};
  return llvm::is_contained(mixers, StringRef(recipe.mixer));
}

static test::Plan drawPlan(const test::Recipe &recipe, Random &random) {
  const int64_t chunks[] = {16, 32, 64, 128}, tokens[] = {1, 7, 16, 64};
  auto sizeOf = [&](const char *dim) { return recipe.sizes.count(dim) ? recipe.sizes.at(dim) : 1; };
  test::Plan plan{mixer::Algorithm::Chunked, pick(random, chunks)};
  // Blocks of several heads are for those that share b and c.
  int64_t shared = recipe.sizes.count("G") ? sizeOf("H") : 1;
  for (const char *dim : {"G", "Q", "K", "V"})
    shared = std::min(shared, recipe.sizes.count(dim) ? sizeOf("H") / sizeOf(dim) : shared);
  if (below(random, 2))
    plan.heads = shared;
  switch (recipe.mixer == "toeplitz_attention" ? 0 : below(random, 5)) { // its only form
  case 0:
    plan.algorithm = mixer::Algorithm::Quadratic;
    break;
  case 1:
  case 2:
    plan.algorithm = mixer::Algorithm::Scan;
    plan.chunk = pick(random, tokens);
    plan.associative = sizeOf("N") * sizeOf("P") <= 16 && below(random, 2);
    break;
  default:
    break;
  }
  std::vector<test::Plan> plans{plan};
  test::eraseWithoutForm(plans, recipe);
  if (plans.empty())
    plan.algorithm = mixer::Algorithm::Chunked;
  const char *const ofEntries[] = {"gla", "kda", "delta_rule", "gated_delta_rule", "rwkv6", "gated_delta_product"};
  if (plan.algorithm == mixer::Algorithm::Chunked && llvm::is_contained(ofEntries, StringRef(recipe.mixer)))
    plan.heads = 1;
  return plan;
}

namespace {
class Here : public Machine {
public:
  std::unique_ptr<Device> device; ///< null: the CPU

  Expected<const Callee *> callee(uint64_t seed, uint64_t index) override {
    if (kernel && madeFor == index / kCallsOfOne)
      return &made;
    madeFor = index / kCallsOfOne;
    std::seed_seq sequence{seed, seed >> 32, madeFor, madeFor >> 32, uint64_t('m')};
    Random random(sequence);
    test::Recipe recipe = drawRecipe(random);
    test::Plan plan = drawPlan(recipe, random);
    recipe.freeHeads = below(random, 4) == 0;
    // Nothing adds up the heads of all bands.
    recipe.sharesGroups = recipe.freeHeads && recipe.mixer != "mamba2_block" && below(random, 2) == 0;
    recipe.keepsStates = returnsStates(recipe) && plan.algorithm != mixer::Algorithm::Quadratic && below(random, 2) == 0;
    if (returnsStates(recipe) && below(random, 3) == 0) {
      recipe.stateDtype = below(random, 2) ? "bf16" : "f16";
      recipe.stochastic = below(random, 3) != 0;
    }
    recipe.device = device.get();
    kernel.reset();
    if (!device) {
      kernel = test::Kernel::make(recipe, plan);
    } else if (Error error = test::Kernel::makeAll(recipe, /*chunk=*/0).moveInto(kernel)) {
      return joinErrors(createStringError(recipe.text()), std::move(error));
    }
    const bool isQuadratic = plan.algorithm == mixer::Algorithm::Quadratic;
    const std::string text = recipe.text() + (device ? "" : ", " + plan.text());
    made = {recipe.mixer, text, recipe.dtype, kernel->spec(), kernel->descriptor(), 1 << 24, isQuadratic};
    return &made;
  }

  Expected<HostTensors> call(DrawnCall &drawn, Random &random) override {
    test::Call call{drawn.sizes.at("B"), drawn.sizes.at("T"), drawn.inputs, drawn.splits};
    call.inPlace = drawn.inPlace;
    call.bands = made.desc->free_heads ? drawn.sizes.at("H") / made.desc->heads : 1;
    call.sequences = drawn.sequences;
    call.indexBytes = drawn.indexBytes;
    for (const mixc_tensor_desc &tensor : ArrayRef(made.desc->tensors, made.desc->n_tensors)) {
      if (drawn.strided)
        call.layouts[tensor.name] = device ? test::randomLayoutOfRows(tensor, random) : test::randomLayout(tensor, random);
      if (tensor.is_result && tensor.optional && !drawn.states)
        call.unwanted.insert(tensor.name);
    }
    const int64_t variants = made.desc->n_variants, first = below(random, variants);
    test::Outcome outcome;
    for (int64_t i = 0; i < variants; ++i) {
      call.variant = drawn.variant = static_cast<int32_t>((first + i) % variants);
      outcome = test::attempt(*kernel, call);
      if (outcome.refusal.empty())
        break;
    }
    if (device)
      drawn.text += std::string(", ") + made.desc->variants[drawn.variant].name;
    if (!outcome.refusal.empty())
      return createStringError("no variant takes it: " + outcome.refusal);
    if (!outcome.faults.empty())
      return createStringError(join(outcome.faults, "; "));
    return outcome.results;
  }

private:
  std::unique_ptr<test::Kernel> kernel;
  uint64_t madeFor = 0;
  Callee made;
};
} // namespace

int main(int argc, char **argv) {
  sys::PrintStackTraceOnErrorSignal(argv[0]);
  std::optional<Options> options = parseOptions(argc, argv);
  if (!options)
    return 2;
  Here machine;
  for (StringRef arg : options->others) {
    if (!arg.consume_front("--device=")) {
      errs() << "random_calls: expected --seed, --first, --count, --seconds with a number or --device=cpu|cuda, got '" << arg << "'\n";
      return 2;
    }
    if (!openMachine(arg, machine.device))
      return 2;
  }
  return !run(machine, *options, "random_calls");
}
