// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH
// LLVM-exception

#include "Model.h"

#include "ragged.h"
#include "step.h"

#include <cmath>
#include <limits>
#include <stdexcept>

static_assert(H == ragged_H && N == ragged_N && P == ragged_P, "sizes it was compiled for");

static void appendPart(std::vector<float> &to, const std::vector<float> &from, int64_t first, int64_t count, int64_t width) {
  to.insert(to.end(), from.begin() + first * width, from.begin() + (first + count) * width);
}

void Tokens::append(const Tokens &from, int64_t first, int64_t count) {
  appendPart(q, from.q, first, count, H * N);
  appendPart(k, from.k, first, count, H * N);
  appendPart(v, from.v, first, count, H * P);
  appendPart(g, from.g, first, count, H);
  appendPart(beta, from.beta, first, count, H);
}

/// Keys are of length 1, as the delta rule wants them.
Tokens drawTokens(int64_t count, std::mt19937 &random) {
  std::normal_distribution<float> normal;
  auto draw = [&](int64_t floats) {
    std::vector<float> values(floats);
    for (float &value : values)
      value = normal(random);
    return values;
  };
  Tokens tokens{draw(count * H * N), draw(count * H * N), draw(count * H * P), draw(count * H), draw(count * H)};
  for (int64_t row = 0; row < count * H; ++row) {
    float sum = 0;
    for (int64_t n = 0; n < N; ++n)
      sum += tokens.k[row * N + n] * tokens.k[row * N + n];
    for (int64_t n = 0; n < N; ++n)
      tokens.k[row * N + n] /= std::sqrt(sum);
    tokens.g[row] = -std::abs(tokens.g[row]) / 8;
    tokens.beta[row] = 1 / (1 + std::exp(-tokens.beta[row]));
  }
  return tokens;
}

void Batch::add(const Tokens &from, int64_t first, int64_t count, int32_t sourceSlot, int32_t targetSlot, bool initial) {
  tokens.append(from, first, count);
  starts.push_back(int32_t(tokens.count()));
  source.push_back(sourceSlot);
  target.push_back(targetSlot);
  hasInitial.push_back(initial);
}

void Batch::padTo(int64_t size) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const Tokens nothing{std::vector<float>(H * N, nan), std::vector<float>(H * N, nan), std::vector<float>(H * P, nan),
                       std::vector<float>(H, nan), std::vector<float>(H, nan)};
  while (this->size() < size)
    add(nothing, 0, 1, -1, -1);
}

template <typename Args> static Args argsOf(const Tokens &tokens, std::vector<float> &outputs) {
  outputs.assign(tokens.count() * kOutputFloats, 0);
  Args args = {};
  args.q.data = tokens.q.data();
  args.k.data = tokens.k.data();
  args.v.data = tokens.v.data();
  args.g.data = tokens.g.data();
  args.beta.data = tokens.beta.data();
  args.o.data = outputs.data();
  return args;
}

/// An engine keeps a workspace that is large enough for its largest batch; this one makes one for each call.
template <typename Args>
static void call(const Args &args, size_t (*bytesOf)(const Args *), mixc_status (*run)(const Args *, void *, size_t)) {
  std::vector<char> workspace(bytesOf(&args));
  mixc_status status = run(&args, workspace.data(), workspace.size());
  if (status.code != MIXC_OK)
    throw std::runtime_error(status.message);
}

/// What a batch says of its sequences, but for where they start.
static mixc_sequences sequencesOf(const Batch &batch, const Pool &pool) {
  mixc_sequences sequences = {};
  sequences.source = batch.source.data();
  sequences.target = batch.target.data();
  sequences.source_bytes = sequences.target_bytes = sizeof(int32_t);
  sequences.has_initial = batch.hasInitial.data();
  sequences.slots = pool.size();
  return sequences;
}

std::vector<float> runRagged(const Batch &batch, Pool &pool) {
  std::vector<float> outputs;
  mixc_sequences sequences = sequencesOf(batch, pool);
  sequences.starts = batch.starts.data();
  sequences.starts_bytes = sizeof(int32_t);
  ragged_args args = argsOf<ragged_args>(batch.tokens, outputs);
  args.B = batch.size();
  args.T = batch.tokens.count();
  args.sequences = &sequences;
  args.h0.data = args.hT.data = pool.data();
  call(args, ragged_workspace_bytes, ragged_cpu);
  return outputs;
}

std::vector<float> runStep(const Batch &batch, Pool &pool) {
  std::vector<float> outputs;
  mixc_sequences sequences = sequencesOf(batch, pool);
  step_args args = argsOf<step_args>(batch.tokens, outputs);
  args.B = batch.size();
  args.T = 1;
  args.sequences = &sequences;
  args.h0.data = args.hT.data = pool.data();
  call(args, step_workspace_bytes, step_cpu);
  return outputs;
}

Whole runWhole(const Tokens &tokens) {
  Whole whole;
  whole.state.resize(kStateFloats);
  ragged_args args = argsOf<ragged_args>(tokens, whole.outputs);
  args.B = 1;
  args.T = tokens.count();
  args.hT.data = whole.state.data();
  call(args, ragged_workspace_bytes, ragged_cpu);
  return whole;
}
