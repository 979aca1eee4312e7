// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Draw.h"
#include "Execution.h"
#include "RandomInputs.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/Support/FormatVariadic.h"
#include <cmath>

using namespace llvm;

namespace mixc::calls {

constexpr int64_t kMostTokens = 65536;

int64_t below(Random &random, int64_t count) { return random() % count; }

double uniform(Random &random, double least, double most) { return least + (most - least) * (double(random() >> 11) * 0x1p-53); }

//===--- Sizes ---===//

/// Those that the callee was compiled for, and of free heads some bands.
static std::map<std::string, int64_t> sizesOf(const mixc_spec_desc &desc, Random &random) {
  const int64_t bands = desc.free_heads ? 1 + below(random, 4) : 1;
  std::map<std::string, int64_t> sizes;
  for (const mixc_tensor_desc &tensor : ArrayRef(desc.tensors, desc.n_tensors))
    for (int32_t d = 0; d < tensor.rank; ++d)
      if (tensor.sizes[d] >= 0)
        sizes[std::string(1, tensor.dims[d])] = tensor.sizes[d] * (tensor.banded == d + 1 ? bands : 1);
  return sizes;
}

static int64_t sizeOr1(const std::map<std::string, int64_t> &sizes, const char *dim) {
  auto found = sizes.find(dim);
  return found == sizes.end() ? 1 : found->second;
}

/// Any length, by its logarithm; often next to a multiple of a chunk, or as long as it may be.
static int64_t drawLength(const Callee &callee, const std::map<std::string, int64_t> &sizes, Random &random) {
  int64_t chains = sizes.at("B") * sizeOr1(sizes, "H"), N = sizeOr1(sizes, "N"), P = sizeOr1(sizes, "P");
  int64_t most = std::clamp<int64_t>(callee.mostSteps / (chains * N * P), 1, kMostTokens);
  if (callee.isQuadratic)
    most = std::clamp<int64_t>(std::sqrt(0x1p30 / (chains * (N + P))), 1, most);
  int64_t length = std::exp2(uniform(random, 0, std::log2(most + 1)));
  switch (below(random, 6)) {
  case 0:
    return most;
  case 1:
    length = (length / 64 + 1) * 64 + below(random, 3) - 1;
    break;
  default:
    break;
  }
  return std::clamp<int64_t>(length, 1, most);
}

//===--- Sequences ---===//

/// B parts of T tokens, some of them without any; in half of the calls nobody has the last ones.
static std::vector<int64_t> drawLengths(int64_t B, int64_t T, Random &random) {
  std::vector<int64_t> ends;
  for (int64_t b = 0; b < B; ++b)
    ends.push_back(below(random, 4) == 0 && b > 0 ? ends.back() : below(random, T + 1));
  if (below(random, 2))
    ends.back() = T;
  llvm::sort(ends);
  std::vector<int64_t> lengths(ends);
  for (int64_t b = B - 1; b > 0; --b)
    lengths[b] -= lengths[b - 1];
  return lengths;
}

/// Where states lie, and what sequences leave and begin with: each its own place, another one that is free, or none. A quarter is padding.
static void drawStates(Sequences &sequences, int64_t B, Random &random) {
  sequences.pool = B + below(random, 5);
  sequences.drawSlots(sequences.pool, random());
  std::vector<int64_t> free(sequences.slots.begin() + B, sequences.slots.end());
  sequences.slots.resize(B);
  const bool padded = below(random, 2) == 0, elsewhere = below(random, 2) == 0;
  for (int64_t b = 0; b < B; ++b) {
    int64_t target = sequences.slots[b];
    const int64_t which = below(random, 4);
    if (which == 0)
      target = -1 - below(random, 3);
    if (which == 1 && !free.empty()) {
      target = free.back();
      free.pop_back();
    }
    if (elsewhere)
      sequences.targets.push_back(target);
    if (padded && below(random, 4) == 0)
      sequences.slots[b] = -1 - below(random, 3);
  }
}

/// States inside the call, at places behind the others of the pool, a quarter of them nowhere.
static void drawKept(const Callee &callee, Sequences &sequences, int64_t B, int64_t T, Random &random) {
  for (const mixc_variant_desc &variant : ArrayRef(callee.desc->variants, callee.desc->n_variants))
    sequences.keptEvery = std::max(sequences.keptEvery, variant.chunk); // of which the others' are divisors
  sequences.keptEvery *= 1 + below(random, 3);
  const int64_t longest = sequences.lengths.empty() ? T : sequences.longest();
  sequences.keptCount = std::min<int64_t>(8, longest / sequences.keptEvery + 1);
  for (int64_t i = 0; i < B * sequences.keptCount; ++i)
    sequences.kept.push_back(below(random, 4) == 0 ? -1 : sequences.pool + i);
  sequences.pool += B * sequences.keptCount;
}

/// Mostly one, where states are rounded by it.
static std::optional<uint64_t> drawSeed(const Callee &callee, Random &random) {
  return callee.desc->stochastic && below(random, 4) ? std::optional(random()) : std::nullopt;
}

/// Packed ones, states in a pool, or both, in half of the calls that may have them.
static Sequences drawSequences(const Callee &callee, std::map<std::string, int64_t> &sizes, Random &random) {
  Sequences sequences;
  const ArrayRef variants(callee.desc->variants, callee.desc->n_variants);
  const int64_t which = below(random, 6);
  if (which > 2 || !llvm::all_of(variants, [](const mixc_variant_desc &variant) { return variant.packs; }))
    return sequences;
  if (which != 0) { // what was drawn are the tokens of all of them
    sizes["T"] *= sizes["B"];
    sizes["B"] = 1 + below(random, 8);
    sequences.lengths = drawLengths(sizes["B"], sizes["T"], random);
  }
  if (which != 1)
    drawStates(sequences, sizes["B"], random);
  if (which != 1 && llvm::all_of(variants, [](const mixc_variant_desc &variant) { return variant.keeps; }))
    drawKept(callee, sequences, sizes["B"], sizes["T"], random);
  if (below(random, 2))
    for (int64_t b = 0; b < sizes["B"]; ++b)
      sequences.hasInitial.push_back(below(random, 3) == 0 ? 0 : 1 + below(random, 255));
  return sequences;
}

static std::string textOf(const Sequences &sequences) {
  std::string text;
  auto list = [&](const char *name, ArrayRef<int64_t> numbers) {
    if (!numbers.empty())
      text += formatv(", {0} {1:$[ ]}", name, llvm::make_range(numbers.begin(), numbers.end()));
  };
  list("lengths", sequences.lengths);
  list("sources", sequences.slots);
  list("targets", sequences.targets);
  if (sequences.keptEvery)
    text += formatv(", kept every {0}", sequences.keptEvery);
  list("at", sequences.kept);
  if (sequences.seed)
    text += formatv(", rounded with {0}", *sequences.seed);
  if (!sequences.hasInitial.empty())
    list("initial", std::vector<int64_t>(sequences.hasInitial.begin(), sequences.hasInitial.end()));
  if (sequences.pool)
    text += formatv(" of {0}", sequences.pool);
  return text;
}

//===--- Decays ---===//

namespace {
/// Which log decays are the same. None: as randomInputs has them, or the mixer's own.
enum class Equal { None, All, OfHead, Single };

struct Decays {
  Equal equal;
  std::string text;
  std::vector<double> values; ///< [B,T,H]
};
} // namespace

/// 0, or from -1e-9 to -1e4.
static double drawDecay(Random &random) { return below(random, 8) == 0 ? 0 : -std::pow(10.0, uniform(random, -9, 4)); }

static Decays drawDecays(const std::map<std::string, int64_t> &sizes, Random &random) {
  Decays decays{Equal(below(random, 4)), "", {}};
  int64_t heads = sizeOr1(sizes, "H");
  std::vector<double> own(heads);
  double all = drawDecay(random);
  for (double &value : own)
    value = decays.equal == Equal::All ? all : drawDecay(random);
  decays.values.resize(sizes.at("B") * sizes.at("T") * heads);
  for (auto [i, value] : enumerate(decays.values))
    value = decays.equal == Equal::Single ? drawDecay(random) : own[i % heads];
  const char *const texts[] = {"decays of a model", "decays constant", "decays constant in each head", "decays drawn"};
  decays.text = texts[int(decays.equal)];
  if (decays.equal == Equal::All)
    decays.text += formatv(" at {0:e2}", all);
  return decays;
}

/// A retention's are its own, linear attention has none.
static bool hasDecays(const HostTensors &inputs) {
  return inputs.count("g") || inputs.count("gk") || inputs.count("w") || inputs.count("a") || inputs.count("dt");
}

/// Sets the arguments that log decays are computed from.
static void setDecays(HostTensors &inputs, const Decays &decays, Random &random) {
  if (decays.equal == Equal::None)
    return;
  if (auto g = inputs.find("g"); g != inputs.end())
    g->second.values.assign(decays.values.begin(), decays.values.end());
  for (const char *name : {"gk", "w"}) // of entries, which are alike then
    if (auto g = inputs.find(name); g != inputs.end() && g->second.values.size() >= decays.values.size()) // not weights of a convolution
      for (auto [i, value] : enumerate(g->second.values))
        value = decays.values[i * decays.values.size() / g->second.values.size()];
  if (auto a = inputs.find("a"); a != inputs.end()) // its logarithm is taken
    for (auto [value, decay] : zip_equal(a->second.values, decays.values))
      value = std::exp(decay);
  if (!inputs.count("dt_bias")) // softplus(dt + bias) A
    return;
  bool perToken = decays.equal == Equal::Single;
  for (auto [h, value] : enumerate(inputs.at("A").values))
    value = decays.values[h] / (perToken ? 1 : M_LN2);
  for (float &value : inputs.at("dt").values)
    value = perToken ? uniform(random, -6, 3) : 0; // much less is lost in f32 sums beside the rest: docs/numerics.md
  for (float &value : inputs.at("dt_bias").values)
    value = 0;
}

//===--- Values ---===//

/// What must be negative stays so.
static void makeOneSign(HostTensors &inputs) {
  static const StringSet<> ofDecays = {"g", "gk", "w", "a", "A", "dt", "dt_bias"};
  for (auto &[name, tensor] : inputs)
    if (!ofDecays.contains(name) && any_of(tensor.values, [](float value) { return value > 0; }))
      for (float &value : tensor.values)
        value = std::fabs(value);
}

/// An angle of many turns has few digits left, whatever adds it up: docs/numerics.md.
static void keepAnglesSmall(HostTensors &inputs, const std::map<std::string, int64_t> &sizes) {
  if (auto turns = inputs.find("turn"); turns != inputs.end())
    for (float &value : turns->second.values)
      value /= float(sizes.at("T"));
}

/// f16 ends at 65504: what is remembered is made small where many terms of one sign add up.
static void keepWithinF16(HostTensors &inputs, const std::map<std::string, int64_t> &sizes) {
  double terms = double(sizes.at("T")) * sizeOr1(sizes, "N"), factor = std::exp2(std::min(0.0, std::floor(12 - std::log2(terms))));
  for (const char *name : {"x", "v", "h0"})
    if (auto found = inputs.find(name); found != inputs.end())
      for (float &value : found->second.values)
        value *= factor;
}

static void removeOptional(HostTensors &inputs, const mixc_spec_desc &desc) {
  for (const mixc_tensor_desc &tensor : ArrayRef(desc.tensors, desc.n_args))
    if (tensor.optional)
      inputs.erase(tensor.name);
}

DrawnCall draw(const Callee &callee, Random &random) {
  DrawnCall call;
  call.sizes = sizesOf(*callee.desc, random);
  call.sizes["B"] = 1 + below(random, 3);
  call.sizes["T"] = drawLength(callee, call.sizes, random);
  call.splits = below(random, 5);
  call.states = below(random, 4) != 0;
  call.strided = below(random, 2) == 0;
  call.inPlace = below(random, 4) == 0;
  call.sequences = drawSequences(callee, call.sizes, random);
  call.sequences.seed = drawSeed(callee, random);
  if (!call.states) { // nothing takes them
    call.sequences.kept.clear();
    call.sequences.keptCount = call.sequences.keptEvery = 0;
  }
  call.indexBytes = below(random, 2) ? 4 : 8;
  bool oneSign = below(random, 2) == 0;
  std::map<std::string, int64_t> ofTokens = call.sizes;
  if (!call.sequences.lengths.empty())
    ofTokens["B"] = 1;
  Decays decays = drawDecays(ofTokens, random);
  call.inputs = randomInputs(callee.spec, call.sizes, random(), call.sequences);
  setDecays(call.inputs, decays, random);
  if (oneSign)
    makeOneSign(call.inputs);
  keepAnglesSmall(call.inputs, call.sizes);
  if (callee.dtype == "f16")
    keepWithinF16(call.inputs, call.sizes);
  if (!call.states)
    removeOptional(call.inputs, *callee.desc);
  call.inputs = roundInputs(callee.desc, std::move(call.inputs));
  std::string text = hasDecays(call.inputs) ? decays.text : "decays of the mixer";
  call.text = formatv("B={0} T={1}{8}, splits={2}, {3}, inputs of {4}{5}{6}{7}", call.sizes.at("B"), call.sizes.at("T"), call.splits, text,
                      oneSign ? "one sign" : "both signs", call.strided ? ", strided" : "", call.states ? "" : ", without states",
                      call.inPlace ? ", in place" : "", textOf(call.sequences));
  return call;
}

} // namespace mixc::calls
