// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH
// LLVM-exception
//
// Runs a sequence of simple gated linear attention once as a whole and once cut in two, the state handed over. q, k and
// v lie in one array [B,T,3,H,64], as one projection leaves them: the strides say so, nothing is copied.

#include "simple_gla.h"

#include <cmath>
#include <cstdio>
#include <random>
#include <vector>

constexpr int64_t B = 2, T = 211, H = 4, W = 64, cut = 77;

// The tokens [from, to) of qkv, starting from the state h0 (null: zero).
static mixc_status run(const std::vector<float> &qkv, const std::vector<float> &g, const float *h0, float *o, float *hT, int64_t from,
                       int64_t to) {
  auto part = [&](int which) { return mixc_const_tensor{qkv.data() + (from * 3 + which) * H * W, {T * 3 * H * W, 3 * H * W, W, 1}}; };
  simple_gla_args args = {};
  args.B = B;
  args.T = to - from;
  args.q = part(0);
  args.k = part(1);
  args.v = part(2);
  args.g = {g.data() + from * H, {T * H, H, 1}};
  args.h0 = {h0, {}};
  args.o = {o + from * H * W, {T * H * W, H * W, W, 1}};
  args.hT = {hT, {}};
  std::vector<char> workspace(simple_gla_workspace_bytes(&args));
  return simple_gla_cpu(&args, workspace.data(), workspace.size());
}

static double difference(const std::vector<float> &a, const std::vector<float> &b) {
  double error = 0, size = 0;
  for (size_t i = 0; i < a.size(); ++i) {
    error += std::pow(double(a[i]) - b[i], 2);
    size += std::pow(double(a[i]), 2);
  }
  return std::sqrt(error / size);
}

int main() {
  std::mt19937 random(1);
  std::normal_distribution<float> normal;
  std::vector<float> qkv(B * T * 3 * H * W), g(B * T * H);
  for (float &value : qkv)
    value = normal(random);
  for (float &value : g)
    value = -std::abs(normal(random)) / 8;

  std::vector<float> whole(B * T * H * W), halves(whole.size()), end(B * H * W * W), middle(end.size()), end2(end.size());
  for (mixc_status status :
       {run(qkv, g, nullptr, whole.data(), end.data(), 0, T), run(qkv, g, nullptr, halves.data(), middle.data(), 0, cut),
        run(qkv, g, middle.data(), halves.data(), end2.data(), cut, T)})
    if (status.code) {
      std::fprintf(stderr, "simple_gla_cpu: %s\n", status.message);
      return 1;
    }

  double outputs = difference(whole, halves), states = difference(end, end2);
  bool ok = outputs < 5e-6 && states < 5e-6;
  std::printf("simple_gla: cut at %d of %d, outputs differ by %.1e, states by %.1e: %s\n", int(cut), int(T), outputs, states,
              ok ? "ok" : "too large");
  return ok ? 0 : 1;
}
