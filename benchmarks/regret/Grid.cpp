// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Grid.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/FormatVariadic.h"

using namespace llvm;
using namespace mixc;
using namespace mixc::regret;

std::string Mixer::text() const {
  std::string text = name;
  for (auto &[dim, size] : sizes)
    text += formatv(" {0}={1}", dim, size);
  return text + " " + dtype;
}

static Mixer make(const char *name, const char *dtype, int64_t H, int64_t P, int64_t N) {
  Mixer made{name, dtype, {{"H", H}, {"P", P}, {"N", N}}};
  if (StringRef(name) == "mamba2")
    made.sizes["G"] = 1;
  return made;
}

std::vector<Mixer> regret::mixersFor(int32_t device) {
  std::vector<Mixer> mixers;
  if (device == MIXC_DEVICE_CPU) {
    for (auto [H, P, N] : {std::tuple<int64_t, int64_t, int64_t>{4, 64, 64}, {8, 64, 128}, {8, 16, 16}, {8, 64, 4}, {2, 128, 256}})
      mixers.push_back(make("mamba2", "f32", H, P, N));
    for (const char *name : {"gla", "gated_delta_rule", "kda", "delta_rule"})
      for (auto [H, P, N] : {std::tuple<int64_t, int64_t, int64_t>{4, 64, 64}, {4, 32, 32}})
        mixers.push_back(make(name, "f32", H, P, N));
    return mixers;
  }
  for (auto [H, P, N] : {std::tuple<int64_t, int64_t, int64_t>{8, 64, 64},
                         {24, 64, 128},
                         {80, 64, 128},
                         {128, 16, 16},
                         {24, 64, 4},
                         {32, 64, 256},
                         {24, 64, 16},
                         {16, 128, 128}})
    mixers.push_back(make("mamba2", "bf16", H, P, N));
  for (const char *name : {"gla", "gated_delta_rule", "kda", "delta_rule"})
    for (auto [H, P, N] : {std::tuple<int64_t, int64_t, int64_t>{16, 128, 128}, {8, 64, 64}})
      mixers.push_back(make(name, "bf16", H, P, N));
  return mixers;
}

std::vector<Call> regret::callsFor(const Mixer &mixer, int32_t device) {
  const bool isCpu = device == MIXC_DEVICE_CPU;
  const std::vector<int64_t> batches = isCpu ? std::vector<int64_t>{1, 4} : std::vector<int64_t>{1, 4, 16, 64};
  const std::vector<int64_t> lengths = isCpu ? std::vector<int64_t>{1, 8, 32, 64, 128, 256, 512, 1024, 4096}
                                             : std::vector<int64_t>{1, 16, 64, 256, 1024, 4096, 16384, 131072};
  const int64_t most = isCpu ? 1 << 24 : int64_t(1) << 30; // elements of the largest operand
  std::vector<Call> calls;
  for (int64_t batch : batches)
    for (int64_t length : lengths)
      if (batch * length * mixer.sizes.at("H") * std::max(mixer.sizes.at("P"), mixer.sizes.at("N")) <= most)
        calls.push_back({batch, length});
  return calls;
}
