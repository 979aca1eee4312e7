// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Numbers.h"
#include "Execution.h"
#include "Mirror.h"
#include "RandomInputs.h"
#include "mixc/reference/Evaluate.h"
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <list>

using namespace llvm;

namespace mixc::test {

//===--- Arguments ---===//

uint64_t seed() {
  static uint64_t value = [] {
    const char *text = std::getenv("MIXC_TEST_SEED");
    return text ? std::strtoull(text, nullptr, 10) : 1;
  }();
  return value;
}

static Sizes sizesOf(const Kernel &kernel, int64_t B, int64_t T) {
  Sizes sizes = kernel.recipe().sizes;
  sizes["B"] = B;
  sizes["T"] = T;
  return sizes;
}

HostTensors randomArguments(const Kernel &kernel, int64_t B, int64_t T, uint64_t salt) {
  HostTensors inputs = randomInputs(kernel.spec(), sizesOf(kernel, B, T), seed() + 1000 * salt);
  if (kernel.recipe().mixer == "linear_attn_normalized")
    for (const char *name : {"q", "k"})
      for (float &value : inputs.at(name).values)
        value = std::fabs(value);
  return roundInputs(kernel.descriptor(), std::move(inputs));
}

//===--- Calls ---===//

static std::vector<int64_t> shapeOf(const mixc_tensor_desc &desc, const Call &call) {
  const bool isPacked = !call.sequences.lengths.empty() && StringRef(desc.dims).contains('T');
  const int64_t B = desc.slots && call.sequences.pool > 0 ? call.sequences.pool : isPacked ? 1 : call.B;
  std::vector<int64_t> shape;
  for (int64_t size : ArrayRef(desc.sizes, desc.rank))
    shape.push_back(size == MIXC_DIM_B ? B : size == MIXC_DIM_T ? call.T : size);
  if (desc.banded)
    shape[desc.banded - 1] *= call.bands;
  return shape;
}

namespace {
/// The tensors of a call in memory.
class Placement {
public:
  Placement(const mixc_spec_desc *desc, const Call &call, std::vector<std::string> &faults) : desc(desc), faults(faults) {
    args.B = call.B;
    args.T = call.T;
    args.H = call.bands * desc->heads;
    tellSequences(call);
    for (int32_t i = 0; i < desc->n_tensors; ++i)
      place(i, call);
  }

  mixc_args args{};
  std::map<std::string, PlacedTensor> tensors;

  /// The call as it is made on a device.
  void moveTo(Mirror &mirror) {
    for (auto &[name, tensor] : tensors)
      mirror.add(tensor.bytes());
    for (const GuardedMemory &memory : arrays)
      mirror.add(memory);
    for (mixc_tensor &tensor : MutableArrayRef(args.tensors, desc->n_tensors))
      tensor.data = mirror.onDevice(tensor.data);
    for (const void **array : {&sequences.starts, &sequences.source, &sequences.target, &sequences.order, &sequences.kept})
      *array = mirror.onDevice(*array);
    sequences.has_initial = static_cast<const uint8_t *>(mirror.onDevice(sequences.has_initial));
    sequences.seed = static_cast<const uint64_t *>(mirror.onDevice(sequences.seed));
  }

  /// The argument whose place result i takes, or -1.
  int32_t placeTaken(int32_t i, const Call &call) const {
    const int32_t argument = desc->tensors[i].in_place - 1;
    return call.inPlace && argument >= 0 && args.tensors[argument].data ? argument : -1;
  }

private:
  /// Indices behind which nothing may be read.
  const void *indices(ArrayRef<int64_t> numbers, int32_t bytes) {
    if (numbers.empty())
      return nullptr;
    GuardedMemory &memory = arrays.emplace_back(numbers.size() * bytes);
    for (auto [i, number] : enumerate(numbers)) {
      const int32_t narrow = static_cast<int32_t>(number);
      std::memcpy(memory.data() + i * bytes, bytes == 8 ? static_cast<const void *>(&number) : &narrow, bytes);
    }
    return memory.data();
  }

  void tellSequences(const Call &call) {
    const Sequences &told = call.sequences;
    if (!told.any() && !told.seed)
      return;
    if (told.seed) {
      GuardedMemory &memory = arrays.emplace_back(sizeof *told.seed);
      std::memcpy(memory.data(), &*told.seed, sizeof *told.seed);
      sequences.seed = reinterpret_cast<const uint64_t *>(memory.data());
    }
    sequences.starts_bytes = sequences.source_bytes = sequences.target_bytes = call.indexBytes;
    sequences.starts = told.lengths.empty() ? nullptr : indices(told.starts(), call.indexBytes);
    sequences.source = indices(told.slots, call.indexBytes);
    sequences.target = indices(told.targets, call.indexBytes);
    sequences.order_bytes = call.indexBytes;
    sequences.order = call.isOrdered && !told.lengths.empty() ? indices(told.longestFirst(), call.indexBytes) : nullptr;
    sequences.kept = indices(told.kept, call.indexBytes);
    sequences.kept_bytes = call.indexBytes;
    sequences.kept_count = told.keptCount;
    sequences.kept_every = told.keptEvery;
    sequences.slots = told.pool;
    sequences.longest = told.longest();
    if (!told.hasInitial.empty()) {
      GuardedMemory &memory = arrays.emplace_back(told.hasInitial.size());
      std::memcpy(memory.data(), told.hasInitial.data(), told.hasInitial.size());
      sequences.has_initial = reinterpret_cast<const uint8_t *>(memory.data());
    }
    args.sequences = &sequences;
  }

  void place(int32_t i, const Call &call) {
    const mixc_tensor_desc &tensor = desc->tensors[i];
    auto input = call.inputs.find(tensor.name);
    if (tensor.is_result ? call.unwanted.count(tensor.name) : input == call.inputs.end())
      return;
    if (const int32_t argument = placeTaken(i, call); argument >= 0) {
      args.tensors[i] = args.tensors[argument];
      return;
    }
    auto layout = call.layouts.find(tensor.name);
    auto [at, isNew] =
        tensors.emplace(tensor.name, PlacedTensor(tensor, shapeOf(tensor, call), layout == call.layouts.end() ? Layout() : layout->second));
    if (!at->second.hasMemory())
      return faults.push_back(std::string("no memory for ") + tensor.name);
    if (!tensor.is_result)
      at->second.write(input->second.values);
    args.tensors[i] = at->second.argument();
  }

  const mixc_spec_desc *desc;
  std::vector<std::string> &faults;
  mixc_sequences sequences{};
  std::list<GuardedMemory> arrays;
};
} // namespace

static std::string describe(const Kernel &kernel, const Call &call) {
  return kernel.recipe().text() + ", " + kernel.plan().text() + ", B=" + std::to_string(call.B) + " T=" + std::to_string(call.T) +
         " splits=" + std::to_string(call.splits) + " seed=" + std::to_string(seed());
}

/// NaN is the same as NaN.
static bool sameBits(const std::vector<float> &a, const std::vector<float> &b) {
  return a.size() == b.size() && (a.empty() || std::memcmp(a.data(), b.data(), a.size() * sizeof(float)) == 0);
}

Outcome attempt(const Kernel &kernel, const Call &call) {
  Outcome outcome;
  auto expect = [&](bool holds, const std::string &fault) {
    if (!holds)
      outcome.faults.push_back(fault);
  };
  const mixc_spec_desc *desc = kernel.descriptor();
  Placement placed(desc, call, outcome.faults);
  if (!outcome.faults.empty())
    return outcome;
  mixc_plan plan{};
  plan.variant = call.variant;
  plan.splits = call.splits;
  Device *device = kernel.recipe().device;
  std::optional<Mirror> mirror;
  if (device)
    placed.moveTo(mirror.emplace(*device));
  mixc_status status = mixc_spec_plan(desc, device ? MIXC_DEVICE_CUDA : MIXC_DEVICE_CPU, &placed.args, &plan);
  if (device && status.code == MIXC_UNSUPPORTED) {
    outcome.refusal = status.message;
    return outcome;
  }
  GuardedMemory workspace(plan.workspace_bytes);
  if (status.code != MIXC_OK) {
    outcome.faults.push_back(status.message);
  } else if (device) {
    mirror->add(workspace);
    Expected<double> seconds =
        device->time([&] { return device->call(desc, &plan, &placed.args, mirror->onDevice(workspace.data()), plan.workspace_bytes); });
    if (!seconds)
      outcome.faults.push_back(toString(seconds.takeError()));
    mirror->bringBack(outcome.faults);
  } else {
    status = mixc_spec_run_cpu_with(desc, &plan, &placed.args, workspace.data(), plan.workspace_bytes);
    expect(status.code == MIXC_OK, status.message);
  }
  std::set<int32_t> overwritten;
  for (int32_t i = desc->n_args; i < desc->n_tensors; ++i)
    if (const int32_t argument = placed.placeTaken(i, call); argument >= 0 && placed.args.tensors[i].data) {
      overwritten.insert(argument);
      outcome.results[desc->tensors[i].name] = {shapeOf(desc->tensors[i], call), placed.tensors.at(desc->tensors[argument].name).read()};
    }
  for (int32_t i = 0; i < desc->n_tensors; ++i) {
    auto found = placed.tensors.find(desc->tensors[i].name);
    if (found == placed.tensors.end())
      continue;
    expect(found->second.guardsAreIntact(), "writes between the elements of " + found->first);
    if (overwritten.count(i))
      continue;
    if (desc->tensors[i].is_result)
      outcome.results[found->first] = {shapeOf(desc->tensors[i], call), found->second.read()};
    else
      expect(sameBits(found->second.read(), call.inputs.at(found->first).values), "changes the argument " + found->first);
  }
  return outcome;
}

HostTensors run(const Kernel &kernel, const Call &call) {
  Outcome outcome = attempt(kernel, call);
  for (const std::string &fault : outcome.faults)
    ADD_FAILURE() << fault << ", " << describe(kernel, call);
  return outcome.results;
}

//===--- Comparison ---===//

Reference reference(const Kernel &kernel, const Call &call) {
  mixc::reference::Arrays arguments;
  for (auto &[name, tensor] : call.inputs)
    arguments[name].assign(tensor.values.begin(), tensor.values.end());
  mlir::FailureOr<mixc::reference::Arrays> results = mixc::reference::evaluate(kernel.spec(), sizesOf(kernel, call.B, call.T), arguments);
  EXPECT_TRUE(succeeded(results)) << describe(kernel, call);
  return succeeded(results) ? *results : Reference();
}

double tolerance(const Kernel &kernel, int64_t T) { return std::ldexp(2 * std::sqrt(kernel.size("N") + T) + 8, -24); }

double roundoff(mixc_dtype dtype) { return dtype == MIXC_BF16 ? std::ldexp(1, -8) : dtype == MIXC_F16 ? std::ldexp(1, -11) : 0; }

/// Relative error of the reference itself as the dtype has it; 0 for f32.
static double roundingError(ArrayRef<double> exact, mixc_dtype dtype) {
  if (dtype == MIXC_F32)
    return 0;
  return relativeError(decode(encode(std::vector<float>(exact.begin(), exact.end()), dtype), dtype), exact);
}

/// How often a result is rounded: with a sum over heads it lies in its array, in bf16, before it is finished.
static double roundings(const Kernel &kernel, mixc_dtype dtype) {
  auto sums = kernel.spec().getBodyRegion().getOps<mixer::SumOp>();
  return dtype == MIXC_BF16 && llvm::any_of(sums, [](mixer::SumOp sum) { return sum.isOverHeads(); }) ? 2 : 1;
}

double relativeError(ArrayRef<float> values, ArrayRef<double> expected) {
  double difference = 0, norm = 0;
  for (auto [value, exact] : zip_equal(values, expected)) {
    if (!std::isfinite(value))
      return INFINITY;
    difference += (value - exact) * (value - exact);
    norm += exact * exact;
  }
  return std::sqrt(norm > 0 ? difference / norm : difference);
}

namespace {
/// Prints the seed first and the largest errors last.
class Report : public testing::Environment {
public:
  void SetUp() override { std::printf("MIXC_TEST_SEED=%llu\n", static_cast<unsigned long long>(seed())); }
  void TearDown() override {
    for (auto &[what, error] : largest)
      std::printf("largest error, %s: %.2e\n", what.c_str(), error);
  }
  void add(const std::string &what, double error) {
    double &most = largest[what];
    most = std::max(most, error);
  }

private:
  std::map<std::string, double> largest;
};
} // namespace

static Report &report() {
  static auto *instance = static_cast<Report *>(testing::AddGlobalTestEnvironment(new Report));
  return *instance;
}
[[maybe_unused]] static Report &registered = report();

void expectClose(const Kernel &kernel, const Call &call, const HostTensors &results, const Reference &expected, double factor) {
  static const char *const kDtypes[] = {"f32", "bf16", "f16"};
  const mixc_spec_desc *desc = kernel.descriptor();
  for (int32_t i = desc->n_args; i < desc->n_tensors; ++i) {
    auto result = results.find(desc->tensors[i].name);
    if (result == results.end())
      continue;
    auto dtype = static_cast<mixc_dtype>(desc->tensors[i].dtype);
    const std::vector<double> &exact = expected.at(result->first);
    double error = relativeError(result->second.values, exact), before = factor * tolerance(kernel, call.T);
    EXPECT_LE(error, dtype == MIXC_F32 ? before : 2 * before + roundings(kernel, dtype) * roundingError(exact, dtype))
        << result->first << ", " << describe(kernel, call);
    report().add(mixer::stringifyAlgorithm(kernel.plan().algorithm).str() + " " + kDtypes[dtype], error);
  }
}

HostTensors check(const Kernel &kernel, const Call &call) {
  HostTensors results = run(kernel, call);
  expectClose(kernel, call, results, reference(kernel, call));
  return results;
}

//===--- Slices ---===//

/// Entries [first, last) of a dimension, of the tensors that have it.
static HostTensors slice(const Kernel &kernel, const HostTensors &tensors, char dim, int64_t first, int64_t last) {
  HostTensors parts;
  const mixc_spec_desc *desc = kernel.descriptor();
  for (const mixc_tensor_desc &tensor : ArrayRef(desc->tensors, desc->n_tensors)) {
    auto whole = tensors.find(tensor.name);
    if (whole == tensors.end())
      continue;
    HostTensor &part = parts[tensor.name] = whole->second;
    size_t at = StringRef(tensor.dims).find(dim);
    if (at == StringRef::npos)
      continue;
    const std::vector<int64_t> &shape = whole->second.shape;
    int64_t outer = elementsOf(ArrayRef(shape).take_front(at)), inner = elementsOf(ArrayRef(shape).drop_front(at + 1));
    part.shape[at] = last - first;
    part.values.clear();
    for (int64_t o = 0; o < outer; ++o) {
      auto begin = whole->second.values.begin() + o * shape[at] * inner;
      part.values.insert(part.values.end(), begin + first * inner, begin + last * inner);
    }
  }
  return parts;
}

HostTensors sliceTokens(const Kernel &kernel, const HostTensors &tensors, int64_t first, int64_t last) {
  return slice(kernel, tensors, 'T', first, last);
}

HostTensors sliceBatch(const Kernel &kernel, const HostTensors &tensors, int64_t entry) {
  return slice(kernel, tensors, 'B', entry, entry + 1);
}

void expectSame(const HostTensors &left, const HostTensors &right) {
  ASSERT_EQ(left.size(), right.size());
  for (auto &[name, tensor] : left) {
    const std::vector<float> &a = tensor.values, &b = right.at(name).values;
    EXPECT_TRUE(sameBits(a, b)) << name << " differs";
  }
}

} // namespace mixc::test
