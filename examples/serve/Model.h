// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH
// LLVM-exception
//
// The layer that is served, Gated DeltaNet, and the calls of it: a batch of sequences of any lengths, a batch of single tokens, and one
// whole sequence.
#pragma once

#include "Pool.h"

#include <cstdint>
#include <random>
#include <vector>

constexpr int64_t H = 4, N = 32, P = 32, kStateFloats = H * N * P, kOutputFloats = H * P;

/// What the projections in front of the layer leave of some tokens, one after another.
struct Tokens {
  std::vector<float> q, k, v, g, beta;

  int64_t count() const { return g.size() / H; }
  void append(const Tokens &from, int64_t first, int64_t count);
};

Tokens drawTokens(int64_t count, std::mt19937 &random);

/// Sequences of a call: which tokens, from which state of the pool, to which.
struct Batch {
  Tokens tokens;
  std::vector<int32_t> starts{0}, source, target;
  std::vector<uint8_t> hasInitial;

  int64_t size() const { return source.size(); }
  /// The tokens first .. first + count - 1 of `from`.
  void add(const Tokens &from, int64_t first, int64_t count, int32_t source, int32_t target, bool hasInitial = true);
  /// Rows of one token without a request, up to `size`: of fixed size, a batch of steps can be one CUDA graph.
  void padTo(int64_t size);
};

/// The outputs of the batch's tokens, in their order; states are left in the pool.
std::vector<float> runRagged(const Batch &batch, Pool &pool);

/// The same where every sequence has one token.
std::vector<float> runStep(const Batch &batch, Pool &pool);

/// A whole sequence by itself, with no pool: what all others are compared with.
struct Whole {
  std::vector<float> outputs, state;
};
Whole runWhole(const Tokens &tokens);
