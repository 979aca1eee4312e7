// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH
// LLVM-exception
//
// Continuous batching: requests come and go, and every call is a batch of all that have something to do.
#pragma once

#include "Model.h"

#include <random>
#include <vector>

/// The tokens of a request are known here beforehand, as if a model had said them: prompt and answer.
struct Request {
  Tokens tokens;
  int64_t prompt;
  int64_t done = 0;
  int32_t slot = -1;
  std::vector<float> outputs;

  bool isPrefilled() const { return done >= prompt; }
  bool isDone() const { return done == tokens.count(); }
  int64_t left() const { return tokens.count() - done; }
};

struct Counts {
  int pieces = 0, steps = 0, padding = 0, drafted = 0, accepted = 0, replayed = 0;
};

class Engine {
public:
  static constexpr int64_t kMostRequests = 6, kPiece = 24, kBudget = 56, kDraft = 4;

  explicit Engine(unsigned seed) : random(seed), pool(kMostRequests * (1 + kDraft), kStateFloats) {}

  bool hasRoom() const { return running.size() < kMostRequests; }
  bool isIdle() const { return running.empty(); }
  void admit(Tokens tokens, int64_t prompt);

  /// The next pieces of prompts, at most kBudget tokens in all: a long prompt does not keep the answers of others waiting.
  void prefill();
  /// One token of every answer.
  void decode();
  /// Drafts of up to kDraft tokens, verified at once, the state behind them left in a slot beside the request's. Where all are accepted it
  /// is the request's from then on; else the accepted ones are replayed on the request's own.
  void speculateAndReplay();
  /// Drafts of up to kDraft tokens, token by token, with a slot for the state behind each: that of the last accepted one is kept.
  void speculateAndKeep();

  /// Requests that are done, taken out, with their state beside them.
  struct Finished {
    Request request;
    std::vector<float> state;
  };
  std::vector<Finished> retire();

  const Counts &getCounts() const { return counts; }
  int32_t states() const { return pool.taken(); }
  int32_t mostStates() const { return pool.mostTaken(); }

private:
  /// Drafted tokens of a request, of which a target model accepts the first `accepted`: those are the request's next ones.
  struct Draft {
    Request *request;
    Tokens tokens;
    int64_t accepted;
    std::vector<int32_t> slots;
  };
  std::vector<Draft> drawDrafts(bool slotOfEach);
  /// Takes outputs of `count` tokens, which are from row `row` of the batch on.
  static void take(Request &request, const std::vector<float> &outputs, int64_t row, int64_t count);
  void moveTo(Request &request, int32_t slot);

  std::mt19937 random;
  Pool pool;
  std::vector<Request> running;
  Counts counts;
};
