// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The float64 recurrence, token by token, of the mixers with a scalar decay:
//
//     S_t = exp(g_t) S_{t-1} + b_t x_t^T,  y_t = c_t^T S_t        and the elementwise work around it

#include "Problem.h"
#include <algorithm>
#include <cmath>
#include <cstring>
#include <functional>
#include <limits>
#include <thread>

namespace mixc::bench {
namespace {

/// One element of a tensor by dimension; dimensions that it does not have are ignored.
struct At {
  int64_t b = 0, t = 0, h = 0, g = 0, n = 0, p = 0;
};

double element(const HostTensor *tensor, const std::vector<float> &values, const At &at) {
  int64_t index = 0;
  for (size_t d = 0; d < tensor->dims.size(); ++d) {
    const char dim = tensor->dims[d];
    const int64_t i = dim == 'B' ? at.b : dim == 'T' ? at.t : dim == 'H' ? at.h : dim == 'G' ? at.g : dim == 'N' ? at.n : at.p;
    index = index * tensor->sizes[d] + i;
  }
  return values[static_cast<size_t>(index)];
}

double value(const HostTensor *tensor, const At &at) { return tensor && tensor->present ? element(tensor, tensor->values, at) : 0; }

bool startsWith(const char *text, const char *prefix) { return std::strncmp(text, prefix, std::strlen(prefix)) == 0; }

/// What a spec of this project computes, by tensor names: mamba2 has x, B, C; linear attention has q, k, v; the bare
/// recurrence has x and a.
struct Mixer {
  const HostTensor *x, *b, *c, *g, *a, *dt, *bias, *A, *D, *z, *h0;
  bool retention, normalized, mamba, scaled;
  int64_t headsPerGroup = 1;

  explicit Mixer(const Problem &p)
      : x(p.find("x")), b(p.find("B")), c(p.find("C")), g(p.find("g")), a(p.find("a")), dt(p.find("dt")), bias(p.find("dt_bias")),
        A(p.find("A")), D(p.find("D")), z(p.find("z")), h0(p.find("h0")) {
    const char *name = p.desc.name;
    retention = startsWith(name, "retention");
    normalized = startsWith(name, "linear_attn_normalized");
    mamba = dt != nullptr;
    scaled = !x;
    if (!x) {
      x = p.find("v");
      b = p.find("k");
      c = p.find("q");
    }
    if (b && b->dims.find('G') != std::string::npos)
      headsPerGroup = x->size('H') / b->size('G');
  }

  double step(const At &at) const {
    const double u = value(dt, at) + value(bias, at);
    return u > 30 ? u : std::log1p(std::exp(u));
  }
  double factor(const At &at, double step) const {
    if (mamba)
      return std::exp(step * value(A, at));
    if (g)
      return std::exp(value(g, at));
    if (a)
      return value(a, at);
    return retention ? 1 - std::exp2(-5.0 - static_cast<double>(at.h)) : 1;
  }
};

} // namespace

HeadResult evaluateHead(const Problem &problem, int64_t batch, int64_t head) {
  const Mixer m(problem);
  const int64_t columns = m.x->size('P'), rows = m.b ? m.b->size('N') : 1, width = columns + (m.normalized ? 1 : 0);
  const double scale = m.scaled ? 1 / std::sqrt(static_cast<double>(rows)) : 1;
  HeadResult result;
  result.y.resize(static_cast<size_t>(problem.length * columns));
  std::vector<double> state(static_cast<size_t>(rows * width)), x(static_cast<size_t>(width)), y(x.size());
  At at;
  at.b = batch;
  at.h = head;
  at.g = head / m.headsPerGroup;
  for (at.n = 0; at.n < rows; ++at.n)
    for (at.p = 0; at.p < columns; ++at.p)
      state[static_cast<size_t>(at.n * width + at.p)] = value(m.h0, at);
  for (at.t = 0; at.t < problem.length; ++at.t) {
    const double step = m.mamba ? m.step(at) : 1, factor = m.factor(at, step);
    for (at.p = 0; at.p < columns; ++at.p)
      x[static_cast<size_t>(at.p)] = step * value(m.x, at);
    if (m.normalized)
      x.back() = 1;
    std::fill(y.begin(), y.end(), 0);
    for (at.n = 0; at.n < rows; ++at.n) {
      const double b = m.b ? value(m.b, at) : 1, c = m.c ? value(m.c, at) * scale : 1;
      double *row = state.data() + at.n * width;
      for (int64_t p = 0; p < width; ++p) {
        row[p] = factor * row[p] + b * x[static_cast<size_t>(p)];
        y[static_cast<size_t>(p)] += c * row[p];
      }
    }
    for (at.p = 0; at.p < columns; ++at.p) {
      double out = y[static_cast<size_t>(at.p)];
      if (m.normalized)
        out /= y.back() + 1e-10;
      if (m.D)
        out += value(m.D, at) * value(m.x, at);
      if (m.z)
        out *= value(m.z, at) / (1 + std::exp(-value(m.z, at)));
      result.y[static_cast<size_t>(at.t * columns + at.p)] = out;
    }
  }
  for (int64_t n = 0; n < rows; ++n)
    for (int64_t p = 0; p < columns; ++p)
      result.state.push_back(state[static_cast<size_t>(n * width + p)]);
  return result;
}

void Error::add(double got, double expected) {
  difference += (got - expected) * (got - expected);
  norm += expected * expected;
}

double Error::relative() const {
  const double error = norm > 0 ? std::sqrt(difference / norm) : std::sqrt(difference);
  return std::isnan(error) ? std::numeric_limits<double>::infinity() : error;
}

ResultErrors checkHeads(const Problem &problem, const Call &call, int64_t heads) {
  const Mixer m(problem);
  const int64_t columns = m.x->size('P'), rows = m.b ? m.b->size('N') : 1;
  const int64_t all = problem.batch * m.x->size('H');
  const HostTensor *y = nullptr, *state = nullptr;
  std::vector<float> yValues, stateValues;
  for (size_t i = 0; i < problem.tensors.size(); ++i) {
    const HostTensor &tensor = problem.tensors[i];
    if (!tensor.isResult || !tensor.present)
      continue;
    const bool tokens = tensor.dims.find('T') != std::string::npos;
    (tokens ? y : state) = &tensor;
    (tokens ? yValues : stateValues) = call.read(i);
  }
  heads = std::min(heads, all);
  std::vector<Error> yErrors(static_cast<size_t>(heads)), stateErrors(yErrors);
  auto check = [&](int64_t i) {
    // Spread over sequences and heads, the first and the last among them.
    const int64_t which = heads > 1 ? i * (all - 1) / (heads - 1) : 0;
    At at;
    at.b = which / m.x->size('H');
    at.h = which % m.x->size('H');
    const HeadResult expected = evaluateHead(problem, at.b, at.h);
    for (at.t = 0; at.t < problem.length; ++at.t)
      for (at.p = 0; at.p < columns; ++at.p)
        yErrors[static_cast<size_t>(i)].add(element(y, yValues, at), expected.y[static_cast<size_t>(at.t * columns + at.p)]);
    for (at.n = 0; state && at.n < rows; ++at.n)
      for (at.p = 0; at.p < columns; ++at.p)
        stateErrors[static_cast<size_t>(i)].add(element(state, stateValues, at),
                                                expected.state[static_cast<size_t>(at.n * columns + at.p)]);
  };
  std::vector<std::thread> threads;
  const int64_t workers = std::max<int64_t>(1, std::min<int64_t>(heads, std::thread::hardware_concurrency()));
  for (int64_t w = 0; w < workers; ++w)
    threads.emplace_back([&, w] {
      for (int64_t i = w; i < heads; i += workers)
        check(i);
    });
  for (std::thread &thread : threads)
    thread.join();
  Error yError, stateError;
  for (int64_t i = 0; i < heads; ++i) {
    yError.difference += yErrors[static_cast<size_t>(i)].difference;
    yError.norm += yErrors[static_cast<size_t>(i)].norm;
    stateError.difference += stateErrors[static_cast<size_t>(i)].difference;
    stateError.norm += stateErrors[static_cast<size_t>(i)].norm;
  }
  return {yError.relative(), state ? stateError.relative() : 0};
}

} // namespace mixc::bench
