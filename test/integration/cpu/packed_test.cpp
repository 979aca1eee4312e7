// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Packed sequences, and states in a pool: each sequence gives what it gives by itself, to the bit where T is not cut, and nothing of its
// neighbours, of padding or of other states is read or written.

#include "Numbers.h"
#include <numeric>

using namespace mixc;
using namespace mixc::test;

namespace {

constexpr int64_t kChunk = 16;

/// A tensor's dimension of that letter, or -1.
int64_t dimOf(const mixc_tensor_desc &tensor, char letter) {
  const size_t at = llvm::StringRef(tensor.dims).find(letter);
  return at == llvm::StringRef::npos ? -1 : int64_t(at);
}

/// Copies one tensor into a part of another along a dimension, from that index on.
void paste(HostTensor &into, const HostTensor &part, int64_t dim, int64_t from) {
  int64_t inner = 1, outer = 1;
  for (size_t d = dim + 1; d < into.shape.size(); ++d)
    inner *= into.shape[d];
  for (int64_t d = 0; d < dim; ++d)
    outer *= into.shape[d];
  const int64_t count = part.shape[dim] * inner;
  for (int64_t o = 0; o < outer; ++o)
    std::copy_n(part.values.begin() + o * count, count, into.values.begin() + (o * into.shape[dim] + from) * inner);
}

HostTensor cut(const HostTensor &whole, int64_t dim, int64_t from, int64_t count) {
  HostTensor part{whole.shape, {}};
  part.shape[dim] = count;
  int64_t inner = 1, outer = 1;
  for (size_t d = dim + 1; d < whole.shape.size(); ++d)
    inner *= whole.shape[d];
  for (int64_t d = 0; d < dim; ++d)
    outer *= whole.shape[d];
  for (int64_t o = 0; o < outer; ++o)
    for (int64_t i = 0; i < count * inner; ++i)
      part.values.push_back(whole.values[(o * whole.shape[dim] + from) * inner + i]);
  return part;
}

/// A batch of sequences, each with arguments of its own, and the call that has all of them.
struct Batch {
  std::vector<int64_t> lengths, sources, targets; ///< a source of -1 is padding
  std::vector<uint8_t> hasInitial;
  std::vector<HostTensors> parts;
  Call call;
};

HostTensor filled(const mixc_tensor_desc &tensor, int64_t B, int64_t T) {
  HostTensor made;
  int64_t elements = 1;
  for (int64_t d = 0; d < tensor.rank; ++d) {
    made.shape.push_back(tensor.sizes[d] == MIXC_DIM_B ? B : tensor.sizes[d] == MIXC_DIM_T ? T : tensor.sizes[d]);
    elements *= made.shape.back();
  }
  made.values.assign(elements, std::numeric_limits<float>::quiet_NaN());
  return made;
}

Batch pack(const Kernel &kernel, std::vector<int64_t> lengths, int64_t pool, int64_t spare, int64_t firstStart = 0, int64_t keptEvery = 0) {
  Batch batch;
  const mixc_spec_desc *desc = kernel.descriptor();
  const int64_t count = lengths.size(), tokens = std::accumulate(lengths.begin(), lengths.end(), int64_t(0));
  batch.lengths = lengths;
  Call &call = batch.call;
  call.B = count;
  call.T = firstStart + tokens + spare; // what is before the first sequence and behind the last one is not touched
  call.sequences.firstStart = firstStart;
  call.sequences.lengths = lengths;
  call.sequences.pool = pool;
  if (keptEvery > 0) {
    call.sequences.keptEvery = keptEvery;
    call.sequences.keptCount = *llvm::max_element(lengths) / keptEvery;
  }
  if (pool > 0) {
    call.sequences.drawSlots(count, seed());
    for (size_t i = 4; i < call.sequences.kept.size(); i += 5)
      call.sequences.kept[i] = -1;
    batch.sources = call.sequences.slots;
  }
  for (int64_t b = 0; b < count; ++b)
    batch.parts.push_back(randomArguments(kernel, 1, lengths[b], /*salt=*/100 + b));
  for (int32_t i = 0; i < desc->n_args; ++i) {
    const mixc_tensor_desc &tensor = desc->tensors[i];
    const int64_t dimB = dimOf(tensor, 'B'), dimT = dimOf(tensor, 'T');
    if (dimB < 0) { // of all sequences
      call.inputs[tensor.name] = randomArguments(kernel, 1, call.T).at(tensor.name);
      for (int64_t b = 0; b < count; ++b)
        batch.parts[b][tensor.name] = dimT < 0 ? call.inputs[tensor.name] : cut(call.inputs[tensor.name], dimT, 0, batch.lengths[b]);
      continue;
    }
    HostTensor whole = filled(tensor, tensor.slots && pool > 0 ? pool : dimT >= 0 ? 1 : count, call.T);
    for (int64_t b = 0, first = firstStart; b < count; first += lengths[b++])
      if (lengths[b] > 0 || dimT < 0)
        paste(whole, batch.parts[b].at(tensor.name), dimT >= 0 ? dimT : dimB,
              dimT >= 0                  ? first
              : tensor.slots && pool > 0 ? batch.sources[b]
                                         : b);
    call.inputs[tensor.name] = whole;
  }
  return batch;
}

/// Each sequence alone against what the packed call gave, bit by bit or within `tolerances` tolerances.
void expectAsAlone(const Kernel &kernel, const Batch &batch, const HostTensors &all, double tolerances) {
  const mixc_spec_desc *desc = kernel.descriptor();
  for (int64_t b = 0, first = batch.call.sequences.firstStart; b < int64_t(batch.lengths.size()); first += batch.lengths[b++]) {
    if (!batch.sources.empty() && batch.call.sequences.slots[b] < 0)
      continue;
    Call alone{1, batch.lengths[b], batch.parts[b]};
    alone.variant = batch.call.variant;
    if (!batch.hasInitial.empty() && !batch.hasInitial[b])
      alone.sequences.hasInitial = {0};
    HostTensors expected = run(kernel, alone), got;
    for (int32_t i = desc->n_args; i < desc->n_tensors; ++i) {
      const mixc_tensor_desc &tensor = desc->tensors[i];
      const int64_t dimT = dimOf(tensor, 'T'), slot = !batch.targets.empty()  ? batch.targets[b]
                                                      : batch.sources.empty() ? b
                                                                              : batch.sources[b];
      if (dimT < 0 && slot < 0)
        expected.erase(tensor.name);
      else
        got[tensor.name] =
            dimT >= 0 ? cut(all.at(tensor.name), dimT, first, batch.lengths[b]) : cut(all.at(tensor.name), dimOf(tensor, 'B'), slot, 1);
    }
    if (tolerances == 0) {
      expectSame(got, expected);
      continue;
    }
    for (auto &[name, tensor] : expected)
      EXPECT_LE(relativeError(got.at(name).values, std::vector<double>(tensor.values.begin(), tensor.values.end())),
                tolerances * tolerance(kernel, batch.lengths[b]))
          << name << " of sequence " << b;
  }
}

/// States of the pool that no sequence leaves have all bits set, as before.
void expectOthersUntouched(const Kernel &kernel, const Batch &batch, const HostTensors &all, llvm::ArrayRef<int64_t> left) {
  const mixc_spec_desc *desc = kernel.descriptor();
  for (int32_t i = desc->n_args; i < desc->n_tensors; ++i) {
    const mixc_tensor_desc &tensor = desc->tensors[i];
    if (!tensor.slots)
      continue;
    for (int64_t slot = 0; slot < batch.call.sequences.pool; ++slot)
      if (!llvm::is_contained(left, slot))
        for (float value : cut(all.at(tensor.name), dimOf(tensor, 'B'), slot, 1).values)
          ASSERT_TRUE(std::isnan(value)) << tensor.name << " of state " << slot;
  }
}

void expectOthersUntouched(const Kernel &kernel, const Batch &batch, const HostTensors &all) {
  expectOthersUntouched(kernel, batch, all, batch.targets.empty() ? batch.call.sequences.slots : batch.targets);
}

/// With one pool for what sequences take and what they leave, a call gives the same bits, and all other places hold what they held.
void expectInPlaceAsApart(const Kernel &kernel, const Batch &batch, llvm::ArrayRef<int64_t> left) {
  HostTensors expected = run(kernel, batch.call);
  const mixc_spec_desc *desc = kernel.descriptor();
  for (int32_t i = desc->n_args; i < desc->n_tensors; ++i) {
    const mixc_tensor_desc &tensor = desc->tensors[i];
    if (!tensor.in_place)
      continue;
    const HostTensor &held = batch.call.inputs.at(desc->tensors[tensor.in_place - 1].name);
    for (int64_t slot = 0; slot < held.shape[dimOf(tensor, 'B')]; ++slot)
      if (!llvm::is_contained(left, slot))
        paste(expected.at(tensor.name), cut(held, dimOf(tensor, 'B'), slot, 1), dimOf(tensor, 'B'), slot);
  }
  Call call = batch.call;
  call.inPlace = true;
  expectSame(run(kernel, call), expected);
}

/// Places of the pool that no sequence begins with, or keeps a state in.
std::vector<int64_t> unusedPlaces(const Batch &batch) {
  std::vector<int64_t> unused;
  for (int64_t slot = 0; slot < batch.call.sequences.pool; ++slot)
    if (!llvm::is_contained(batch.sources, slot) && !llvm::is_contained(batch.call.sequences.kept, slot))
      unused.push_back(slot);
  return unused;
}

class Packed : public testing::TestWithParam<NamedRecipe> {
protected:
  template <typename Body> void eachPlan(Body body) {
    std::vector<Plan> plans = plansFor(GetParam().recipe, kChunk, GetParam().heads);
    if (llvm::any_of(plans, [](const Plan &plan) { return plan.algorithm == mixer::Algorithm::Scan; }))
      plans.push_back({mixer::Algorithm::Scan, 1});
    for (const Plan &plan : plans) {
      SCOPED_TRACE(plan.text());
      body(Kernel::get(GetParam().recipe, plan));
    }
  }
  const std::vector<int64_t> ragged{5, 0, 2 * kChunk, 1, 3 * kChunk + 7, 0, kChunk - 1};
};

TEST_P(Packed, IsAsEachSequenceAlone) {
  eachPlan([&](Kernel &kernel) {
    for (int32_t bytes : {4, 8}) {
      Batch batch = pack(kernel, ragged, /*pool=*/0, /*spare=*/3);
      batch.call.indexBytes = bytes;
      batch.call.isOrdered = bytes == 4;
      expectAsAlone(kernel, batch, run(kernel, batch.call), 0);
    }
  });
}

TEST_P(Packed, InSegmentsIsAsEachSequenceAlone) {
  eachPlan([&](Kernel &kernel) {
    for (int64_t splits : {2, 3, 4}) {
      Batch batch = pack(kernel, ragged, /*pool=*/0, /*spare=*/0);
      batch.call.splits = splits;
      expectAsAlone(kernel, batch, run(kernel, batch.call), 2);
    }
  });
}

TEST_P(Packed, BeginsBehindOtherTokens) {
  eachPlan([&](Kernel &kernel) {
    constexpr int64_t kBefore = 5 * kChunk + 3;
    for (int64_t splits : {1, 2, 5}) {
      Batch batch = pack(kernel, ragged, /*pool=*/0, /*spare=*/7, kBefore);
      batch.call.splits = splits;
      HostTensors all = run(kernel, batch.call);
      expectAsAlone(kernel, batch, all, splits == 1 ? 0 : 2);
      const mixc_spec_desc *desc = kernel.descriptor();
      for (int32_t i = desc->n_args; i < desc->n_tensors; ++i)
        if (const int64_t dimT = dimOf(desc->tensors[i], 'T'); dimT >= 0)
          for (float value : cut(all.at(desc->tensors[i].name), dimT, 0, kBefore).values)
            ASSERT_TRUE(std::isnan(value)) << desc->tensors[i].name;
    }
  });
}

TEST_P(Packed, TakesStatesFromAPool) {
  eachPlan([&](Kernel &kernel) {
    Batch batch = pack(kernel, ragged, /*pool=*/11, /*spare=*/0);
    HostTensors all = run(kernel, batch.call);
    expectAsAlone(kernel, batch, all, 0);
    expectOthersUntouched(kernel, batch, all);
  });
}

TEST_P(Packed, LeavesStatesElsewhereOrNowhere) {
  eachPlan([&](Kernel &kernel) {
    Batch batch = pack(kernel, ragged, /*pool=*/16, /*spare=*/0);
    batch.targets = batch.call.sequences.targets = {3, -1, 0, 15, 7, 8, -1};
    batch.hasInitial = batch.call.sequences.hasInitial = {1, 0, 0, 1, 1, 0, 1};
    HostTensors all = run(kernel, batch.call);
    expectAsAlone(kernel, batch, all, 0);
    expectOthersUntouched(kernel, batch, all);
  });
}

TEST_P(Packed, SkipsPadding) {
  eachPlan([&](Kernel &kernel) {
    Batch batch = pack(kernel, ragged, /*pool=*/9, /*spare=*/0);
    for (int64_t b : {1, 3, 4})
      batch.call.sequences.slots[b] = -1;
    HostTensors all = run(kernel, batch.call);
    expectAsAlone(kernel, batch, all, 0);
    expectOthersUntouched(kernel, batch, all);
    const mixc_spec_desc *desc = kernel.descriptor();
    for (int32_t i = desc->n_args; i < desc->n_tensors; ++i)
      if (const int64_t dimT = dimOf(desc->tensors[i], 'T'); dimT >= 0)
        for (float value : cut(all.at(desc->tensors[i].name), dimT, 5 + 2 * kChunk, 1 + 3 * kChunk + 7).values)
          ASSERT_TRUE(std::isnan(value)) << desc->tensors[i].name;
  });
}

// Also where a sequence has fewer tokens than it hands on, or none, and goes on from those it had.
TEST_P(Packed, InPlaceIsAsApart) {
  eachPlan([&](Kernel &kernel) {
    for (int64_t splits : {1, 3}) {
      Batch batch = pack(kernel, ragged, /*pool=*/11, /*spare=*/2);
      batch.call.splits = splits;
      expectInPlaceAsApart(kernel, batch, batch.call.sequences.slots);
      batch = pack(kernel, {2, 0, 2 * kChunk, 1, 3 * kChunk + 7, 3, kChunk - 1}, /*pool=*/16, /*spare=*/0);
      batch.call.splits = splits;
      const std::vector<int64_t> unused = unusedPlaces(batch);
      std::vector<int64_t> &slots = batch.call.sequences.slots;
      batch.call.sequences.targets = {slots[0], unused[0], -1, slots[3], unused[1], unused[2], slots[6]};
      batch.call.sequences.hasInitial = {1, 1, 0, 0, 1, 0, 1};
      slots[3] = -1;
      std::vector<int64_t> left = batch.call.sequences.targets;
      left[3] = -1;
      expectInPlaceAsApart(kernel, batch, left);
    }
    Batch batch = pack(kernel, {1, 3, 0}, /*pool=*/0, /*spare=*/0);
    expectInPlaceAsApart(kernel, batch, {0, 1, 2});
  });
}

// One token of each sequence, from and to a pool: a step of a decoder.
TEST_P(Packed, StepsInAPool) {
  eachPlan([&](Kernel &kernel) {
    Batch batch = pack(kernel, {1, 1, 1, 1, 1}, /*pool=*/8, /*spare=*/0);
    Batch plain = batch;
    HostTensors all = run(kernel, batch.call);
    expectAsAlone(kernel, batch, all, 0);
    // The same tokens as B sequences of T = 1.
    Call &call = plain.call;
    call.T = 1;
    call.sequences.lengths.clear();
    const mixc_spec_desc *desc = kernel.descriptor();
    for (int32_t i = 0; i < desc->n_args; ++i) {
      const int64_t dimB = dimOf(desc->tensors[i], 'B'), dimT = dimOf(desc->tensors[i], 'T');
      HostTensor &tensor = call.inputs[desc->tensors[i].name];
      if (dimB < 0 && dimT >= 0)
        tensor = cut(tensor, dimT, 0, 1);
      if (dimB < 0 || dimT < 0)
        continue;
      HostTensor turned = filled(desc->tensors[i], 5, 1);
      for (int64_t b = 0; b < 5; ++b)
        paste(turned, cut(tensor, dimT, b, 1), dimB, b);
      tensor = turned;
    }
    HostTensors steps = run(kernel, call);
    for (int32_t i = desc->n_args; i < desc->n_tensors; ++i) {
      const mixc_tensor_desc &tensor = desc->tensors[i];
      const int64_t dimB = dimOf(tensor, 'B'), dimT = dimOf(tensor, 'T');
      for (int64_t b = 0; b < 5; ++b) {
        const int64_t slot = batch.sources[b];
        expectSame({{tensor.name, dimT >= 0 ? cut(all.at(tensor.name), dimT, b, 1) : cut(all.at(tensor.name), dimB, slot, 1)}},
                   {{tensor.name, cut(steps.at(tensor.name), dimB, dimT >= 0 ? b : slot, 1)}});
      }
    }
  });
}

class KeptInside : public Packed {};

static Recipe keepingStates(Recipe recipe) {
  recipe.keepsStates = true;
  return recipe;
}

static std::vector<Plan> plansThatKeep(const Recipe &recipe, int64_t heads) {
  std::vector<Plan> plans = plansFor(recipe, kChunk, heads);
  llvm::erase_if(plans, [](const Plan &plan) { return plan.algorithm == mixer::Algorithm::Quadratic; });
  plans.push_back({mixer::Algorithm::Scan, 1});
  return plans;
}

// The states that sequences have after every so many tokens are those of as many tokens alone.
TEST_P(KeptInside, AreAsThoseOfFewerTokens) {
  const Recipe recipe = keepingStates(GetParam().recipe);
  for (const Plan &plan : plansThatKeep(recipe, GetParam().heads)) {
    SCOPED_TRACE(plan.text());
    Kernel &kernel = Kernel::get(recipe, plan);
    const mixc_spec_desc *desc = kernel.descriptor();
    for (int64_t splits : {1, 3}) {
      const int64_t every = plan.chunk == 1 ? 3 : plan.chunk * (splits == 1 ? 1 : 2);
      Batch batch = pack(kernel, ragged, /*pool=*/150, /*spare=*/2, /*firstStart=*/1, every);
      batch.call.splits = splits;
      HostTensors all = run(kernel, batch.call);
      expectAsAlone(kernel, batch, all, splits == 1 ? 0 : 2);
      const Sequences &told = batch.call.sequences;
      std::vector<int64_t> left = told.slots;
      for (int64_t b = 0; b < int64_t(batch.lengths.size()); ++b)
        for (int64_t k = 0; k < told.keptCount && (k + 1) * every <= batch.lengths[b]; ++k) {
          const int64_t tokens = (k + 1) * every, place = told.kept[b * told.keptCount + k];
          if (place < 0)
            continue;
          left.push_back(place);
          Call alone{1, tokens, batch.parts[b]};
          for (int32_t i = 0; i < desc->n_args; ++i)
            if (const int64_t dimT = dimOf(desc->tensors[i], 'T'); dimT >= 0)
              alone.inputs[desc->tensors[i].name] = cut(alone.inputs.at(desc->tensors[i].name), dimT, 0, tokens);
          HostTensors expected = run(kernel, alone);
          for (int32_t i = desc->n_args; i < desc->n_tensors; ++i) {
            const mixc_tensor_desc &tensor = desc->tensors[i];
            if (!tensor.slots)
              continue;
            SCOPED_TRACE(tensor.name + (" of sequence " + std::to_string(b)) + " after " + std::to_string(tokens) + " tokens");
            const HostTensor got = cut(all.at(tensor.name), dimOf(tensor, 'B'), place, 1);
            const std::vector<float> &values = expected.at(tensor.name).values;
            if (splits == 1)
              expectSame({{tensor.name, got}}, {{tensor.name, expected.at(tensor.name)}});
            else
              EXPECT_LE(relativeError(got.values, std::vector<double>(values.begin(), values.end())), 2 * tolerance(kernel, tokens));
          }
        }
      expectOthersUntouched(kernel, batch, all, left);
    }
  }
}

// A sequence may keep a state where the one was that it began with.
TEST_P(KeptInside, InPlaceIsAsApart) {
  const Recipe recipe = keepingStates(GetParam().recipe);
  for (const Plan &plan : plansThatKeep(recipe, GetParam().heads)) {
    SCOPED_TRACE(plan.text());
    Kernel &kernel = Kernel::get(recipe, plan);
    for (int64_t splits : {1, 3}) {
      const int64_t every = plan.chunk == 1 ? 3 : plan.chunk * (splits == 1 ? 1 : 2);
      Batch batch = pack(kernel, ragged, /*pool=*/150, /*spare=*/2, /*firstStart=*/1, every);
      batch.call.splits = splits;
      const std::vector<int64_t> unused = unusedPlaces(batch);
      Sequences &told = batch.call.sequences;
      told.targets = told.slots;
      for (int64_t b = 0; b < int64_t(batch.lengths.size()); b += 2)
        if (batch.lengths[b] >= every) {
          told.kept[b * told.keptCount] = told.slots[b];
          told.targets[b] = unused[b];
        }
      std::vector<int64_t> left = told.targets;
      for (int64_t b = 0; b < int64_t(batch.lengths.size()); ++b)
        for (int64_t k = 0; k < told.keptCount && (k + 1) * every <= batch.lengths[b]; ++k)
          left.push_back(told.kept[b * told.keptCount + k]);
      expectInPlaceAsApart(kernel, batch, left);
    }
  }
}

/// With a variant of each algorithm to choose from; made once.
Kernel &withAllAlgorithms(const Recipe &recipe) {
  static auto &kernels = *new std::map<std::string, std::unique_ptr<Kernel>>; // is not to outlive what its modules are made in
  std::unique_ptr<Kernel> &kernel = kernels[recipe.text()];
  if (!kernel)
    kernel = llvm::cantFail(Kernel::makeAll(recipe, kChunk));
  return *kernel;
}

class BatchInvariantOf : public testing::TestWithParam<NamedRecipe> {
protected:
  void SetUp() override {
    Recipe recipe = GetParam().recipe;
    recipe.batchInvariant = true;
    kernel = &withAllAlgorithms(recipe);
  }
  static Call choosing(Call call, int64_t splits) {
    call.variant = -1;
    call.splits = splits;
    return call;
  }
  Kernel *kernel;
};

// Also where the call is cut: into segments of as many tokens, whatever the longest sequence has.
TEST_P(BatchInvariantOf, PackedSequencesAreAsOneByItself) {
  const mixc_spec_desc *desc = kernel->descriptor();
  for (int64_t splits : {0, 24}) {
    Batch batch = pack(*kernel, {5, 0, 2 * kChunk, 1, 13 * kChunk + 7, kChunk - 1}, /*pool=*/0, /*spare=*/0);
    HostTensors all = run(*kernel, choosing(batch.call, splits));
    for (int64_t b = 0, first = 0; b < int64_t(batch.lengths.size()); first += batch.lengths[b++]) {
      Call alone{1, batch.lengths[b], batch.parts[b]};
      alone.sequences.lengths = {batch.lengths[b]};
      HostTensors got, expected = run(*kernel, choosing(alone, splits));
      for (int32_t i = desc->n_args; i < desc->n_tensors; ++i) {
        const mixc_tensor_desc &tensor = desc->tensors[i];
        const int64_t dimT = dimOf(tensor, 'T');
        got[tensor.name] =
            dimT >= 0 ? cut(all.at(tensor.name), dimT, first, batch.lengths[b]) : cut(all.at(tensor.name), dimOf(tensor, 'B'), b, 1);
      }
      SCOPED_TRACE("sequence " + std::to_string(b) + " in " + std::to_string(splits) + " splits");
      expectSame(got, expected);
    }
  }
}

TEST_P(BatchInvariantOf, OneOfABatchIsAsByItself) {
  for (int64_t length : {1, 3, 100, 700}) {
    constexpr int64_t kBatch = 3;
    Call batch{kBatch, length, randomArguments(*kernel, kBatch, length)};
    HostTensors all = run(*kernel, choosing(batch, 0));
    for (int64_t b = 0; b < kBatch; ++b) {
      Call alone{1, length, sliceBatch(*kernel, batch.inputs, b)};
      SCOPED_TRACE("T = " + std::to_string(length));
      expectSame(sliceBatch(*kernel, all, b), run(*kernel, choosing(alone, 0)));
    }
  }
}

// States that one sequence has kept inside the call, after whatever tokens, leave the others' bits as they are.
TEST(BatchInvariant, KeptStatesAreOfTheirSequenceAlone) {
  Recipe recipe{"mamba2", {{"H", 2}, {"G", 1}, {"N", 16}, {"P", 16}}};
  recipe.batchInvariant = recipe.keepsStates = true;
  llvm::Expected<std::unique_ptr<Kernel>> keeping = Kernel::makeAll(recipe, /*chunk=*/0);
  ASSERT_TRUE(bool(keeping)) << llvm::toString(keeping.takeError());
  Batch batch = pack(**keeping, {50, 200}, /*pool=*/8, /*spare=*/0);
  Call call = batch.call;
  call.variant = -1;
  call.splits = 0;
  const HostTensors without = run(**keeping, call);
  std::vector<int64_t> &places = call.sequences.slots;
  int64_t unused = 0;
  while (llvm::is_contained(places, unused))
    ++unused;
  int kept = 0;
  for (int64_t every : {1, 16, 20, 32, 64}) {
    call.sequences.keptEvery = every;
    call.sequences.keptCount = 1;
    call.sequences.kept = {every <= 50 ? unused : -1, -1};
    const Outcome outcome = attempt(**keeping, call);
    if (!outcome.faults.empty()) { // no multiple of the plan's chunk
      for (const std::string &fault : outcome.faults)
        EXPECT_NE(fault.find("sequences.kept_every: expected a multiple of "), std::string::npos) << fault;
      continue;
    }
    ++kept;
    expectSame({{"y", without.at("y")}}, {{"y", outcome.results.at("y")}});
  }
  EXPECT_GT(kept, 0);
}

// The choice itself: without the option few sequences are cut, so that all threads have work.
TEST(BatchInvariant, ChoiceIsTheSameForEveryBatch) {
  Recipe recipe{"mamba2", {{"H", 4}, {"G", 2}, {"N", 16}, {"P", 20}}};
  const Kernel &other = withAllAlgorithms(recipe);
  recipe.batchInvariant = true;
  const Kernel &kernel = withAllAlgorithms(recipe);
  auto planOf = [](const Kernel &kernel, int64_t batch) {
    mixc_threads threads{};
    threads.count = 64;
    threads.run = [](void *, mixc_work, void *, int32_t) -> int32_t { return 1; };
    mixc_args args{};
    args.B = batch;
    args.T = 1 << 16;
    args.threads = &threads;
    mixc_plan plan{};
    plan.variant = -1;
    mixc_status status = mixc_spec_plan(kernel.descriptor(), MIXC_DEVICE_CPU, &args, &plan);
    EXPECT_EQ(status.code, MIXC_OK) << status.message;
    return std::tuple(plan.variant, plan.splits, plan.span, plan.halved);
  };
  EXPECT_EQ(planOf(kernel, 1), planOf(kernel, 1000));
  EXPECT_NE(planOf(other, 1), planOf(other, 1000));
}

/// One result of a state without the others, such as the last tokens of convolutions, is none to go on from.
TEST(KeptStates, AllResultsAreWanted) {
  Recipe recipe{"mamba2_block", {{"H", 2}, {"G", 1}, {"N", 16}, {"P", 16}, {"W", 4}, {"L", 3}}};
  recipe.keepsStates = true;
  const Kernel &kernel = Kernel::get(recipe, {mixer::Algorithm::Scan, 16});
  const mixc_spec_desc *desc = kernel.descriptor();
  Batch batch = pack(kernel, {20, 40}, /*pool=*/20, /*spare=*/0, /*firstStart=*/0, /*keptEvery=*/16);
  int states = 0;
  for (const mixc_tensor_desc &tensor : llvm::ArrayRef(desc->tensors, desc->n_tensors))
    if (tensor.is_result && tensor.slots) {
      ++states;
      Call call = batch.call;
      call.unwanted = {tensor.name};
      const Outcome outcome = attempt(kernel, call);
      ASSERT_EQ(outcome.faults.size(), 1u) << tensor.name;
      EXPECT_NE(outcome.faults[0].find(std::string(tensor.name) + ": expected an address beside sequences.kept"), std::string::npos)
          << outcome.faults[0];
    }
  EXPECT_GT(states, 1);
}

INSTANTIATE_TEST_SUITE_P(All, BatchInvariantOf,
                         testing::Values(NamedRecipe{"mamba2", {"mamba2", {{"H", 4}, {"G", 2}, {"N", 16}, {"P", 20}}}},
                                         NamedRecipe{"kda", {"kda", {{"H", 2}, {"N", 20}, {"P", 33}}}},
                                         NamedRecipe{"block",
                                                     {"mamba2_block", {{"H", 2}, {"G", 1}, {"N", 16}, {"P", 16}, {"W", 4}, {"L", 3}}}}),
                         [](auto info) { return info.param.name; });

INSTANTIATE_TEST_SUITE_P(All, Packed,
                         testing::Values(NamedRecipe{"mamba2", {"mamba2", {{"H", 4}, {"G", 2}, {"N", 16}, {"P", 20}}}, 2},
                                         NamedRecipe{"gla", {"gla", {{"H", 2}, {"N", 16}, {"P", 16}}, "bf16"}},
                                         NamedRecipe{"kda", {"kda", {{"H", 2}, {"N", 20}, {"P", 33}}}},
                                         NamedRecipe{"delta_product", {"gated_delta_product", {{"H", 2}, {"R", 2}, {"N", 16}, {"P", 16}}}},
                                         NamedRecipe{"hydra", {"hydra", {{"H", 2}, {"G", 1}, {"N", 16}, {"P", 16}}}},
                                         NamedRecipe{"mamba1", {"mamba1_selective_scan", {{"H", 33}, {"N", 16}}}},
                                         NamedRecipe{"block",
                                                     {"mamba2_block", {{"H", 2}, {"G", 1}, {"N", 16}, {"P", 16}, {"W", 4}, {"L", 3}}}},
                                         NamedRecipe{"mlstm", {"mlstm", {{"H", 2}, {"N", 16}, {"P", 16}}}},
                                         NamedRecipe{"toeplitz", {"toeplitz_attention", {{"H", 2}, {"N", 16}, {"P", 16}}}}),
                         [](auto info) { return info.param.name; });

INSTANTIATE_TEST_SUITE_P(All, KeptInside,
                         testing::Values(NamedRecipe{"mamba2", {"mamba2", {{"H", 4}, {"G", 2}, {"N", 16}, {"P", 20}}}, 2},
                                         NamedRecipe{"gla", {"gla", {{"H", 2}, {"N", 16}, {"P", 16}}, "bf16"}},
                                         NamedRecipe{"kda", {"kda", {{"H", 2}, {"N", 20}, {"P", 33}}}},
                                         NamedRecipe{"delta_product", {"gated_delta_product", {{"H", 2}, {"R", 2}, {"N", 16}, {"P", 16}}}},
                                         NamedRecipe{"mamba1", {"mamba1_selective_scan", {{"H", 33}, {"N", 16}}}},
                                         NamedRecipe{"block",
                                                     {"mamba2_block", {{"H", 2}, {"G", 1}, {"N", 16}, {"P", 16}, {"W", 4}, {"L", 3}}}},
                                         NamedRecipe{"mlstm", {"mlstm", {{"H", 2}, {"N", 16}, {"P", 16}}}}),
                         [](auto info) { return info.param.name; });

} // namespace
