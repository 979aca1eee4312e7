// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH
// LLVM-exception
//
// Serves requests that come and go by an engine that batches them anew at every step, and compares each with one call on all its tokens.

#include "Engine.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <exception>

// ||a - b|| / ||b||
static double difference(const std::vector<float> &a, const std::vector<float> &b) {
  double error = a.size() == b.size() ? 0 : HUGE_VAL, size = 0;
  for (size_t i = 0; i < std::min(a.size(), b.size()); ++i) {
    error += std::pow(double(a[i]) - b[i], 2);
    size += std::pow(double(b[i]), 2);
  }
  return std::sqrt(error / size);
}

// NaN where one of them is.
static double larger(double a, double b) { return a >= b || std::isnan(a) ? a : b; }

static bool serve(unsigned seed, int requests) {
  std::mt19937 random(seed);
  Engine engine(seed + 1);
  int arrived = 0, served = 0;
  int64_t tokens = 0;
  double outputs = 0, states = 0;
  for (int step = 0; arrived < requests || !engine.isIdle(); ++step) {
    while (arrived < requests && engine.hasRoom() && random() % 4 == 0) {
      const int64_t prompt = 1 + random() % 120, answer = random() % 60;
      engine.admit(drawTokens(prompt + answer, random), prompt);
      ++arrived;
    }
    engine.prefill();
    if (step % 4 == 1)
      engine.speculateAndReplay();
    else if (step % 4 == 3)
      engine.speculateAndKeep();
    else
      engine.decode();
    for (const Engine::Finished &finished : engine.retire()) {
      const Whole whole = runWhole(finished.request.tokens);
      const double output = difference(finished.request.outputs, whole.outputs), state = difference(finished.state, whole.state);
      outputs = larger(outputs, output);
      states = larger(states, state);
      tokens += finished.request.tokens.count();
      ++served;
    }
  }
  const Counts &counts = engine.getCounts();
  const bool ok = outputs < 5e-6 && states < 5e-6 && served == requests && engine.states() == 0;
  std::printf(
      "gated_delta_rule: seed %u: %d requests, %d tokens, at most %d states: %d pieces of prompts, %d steps with %d rows of padding, "
      "%d of %d drafted tokens accepted, %d replayed; outputs differ by %.1e, states by %.1e: %s\n",
      seed, served, int(tokens), int(engine.mostStates()), counts.pieces, counts.steps, counts.padding, counts.accepted, counts.drafted,
      counts.replayed, outputs, states, ok ? "ok" : "too large");
  return ok;
}

int main() {
  try {
    return serve(/*seed=*/1, /*requests=*/40) ? 0 : 1;
  } catch (const std::exception &error) {
    std::fprintf(stderr, "serve: %s\n", error.what());
    return 1;
  }
}
