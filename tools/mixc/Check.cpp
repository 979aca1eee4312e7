// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Check.h"
#include "Table.h"
#include "mixc/reference/Evaluate.h"
#include "llvm/Support/FormatVariadic.h"
#include <cmath>

using namespace llvm;
using namespace mixc;

/// What the sums themselves may be off by, of the magnitudes that they add: f32 sums of many terms, on every device.
static constexpr double kSumBound = 5e-6;

/// Largest error of a result's terms that is accepted, relative to them.
static double boundOf(StringRef dtype, const Device &device) {
  if (dtype == "bf16")
    return 6e-3;
  if (dtype == "f16")
    return 2e-3;
  return device.id().kind == MIXC_DEVICE_CPU ? 5e-6 : 1e-3;
}

static double norm(ArrayRef<double> values) {
  double sum = 0;
  for (double value : values)
    sum += value * value;
  return std::sqrt(sum);
}

/// ||values - exact||; not a number where either has one that is not.
template <typename T> static double distance(ArrayRef<float> values, ArrayRef<T> exact) {
  double sum = 0;
  for (size_t i = 0; i < values.size(); ++i)
    sum += (values[i] - double(exact[i])) * (values[i] - double(exact[i]));
  return std::sqrt(sum);
}

static double relative(double difference, double scale) { return scale > 0 ? difference / scale : difference; }

namespace {
/// What a result's error is divided by: its terms may each be off by the bound, and their sum by that of sums.
struct Scale {
  double ofResult, ofTerms;
};
} // namespace

static Scale scaleOf(const reference::ScaledResults &reference, const std::string &name, double bound) {
  double terms = norm(reference.roots.at(name)) + kSumBound / bound * norm(reference.magnitudes.at(name));
  return {norm(reference.results.at(name)), terms};
}

int mixc::check(Session &session, const HostTensors &results) {
  reference::Arrays arguments;
  for (auto &[name, tensor] : roundInputs(session.descriptor(), session.inputs()))
    arguments[name].assign(tensor.values.begin(), tensor.values.end());
  mlir::FailureOr<reference::ScaledResults> reference = reference::evaluateWithScales(session.spec(), session.sizes(), arguments);
  if (failed(reference))
    return kFailed;
  double bound = boundOf(session.info().dtype, session.device());
  bool good = true, asFile = true;
  Table table({"result", "shape", "relative error", "of its terms", "bound", "", "to the file's", ""});
  table.leftAlign({0, 1, 5, 7});
  for (const TensorInfo &tensor : session.info().tensors) {
    if (!tensor.isResult)
      continue;
    const HostTensor &result = results.at(tensor.name);
    const std::vector<double> &exact = reference->results.at(tensor.name);
    Scale scale = scaleOf(*reference, tensor.name, bound);
    double error = distance(result.values, ArrayRef(exact)), ofTerms = relative(error, scale.ofTerms);
    auto verdict = [&](double value, bool &all) {
      bool passes = value <= bound;
      all &= passes;
      return passes ? "ok" : "FAILED";
    };
    std::string own = verdict(ofTerms, good), toFile, file;
    // An array of the result's name in the input file is somebody's result.
    auto given = session.inputs().find(tensor.name);
    if (given != session.inputs().end() && given->second.shape == result.shape) {
      double difference = distance(result.values, ArrayRef(given->second.values));
      toFile = formatv("{0:e2}", relative(difference, scale.ofResult)).str();
      file = verdict(relative(difference, scale.ofTerms), asFile);
    }
    table.add({tensor.name, shapeText(result.shape), formatv("{0:e2}", relative(error, scale.ofResult)).str(),
               formatv("{0:e2}", ofTerms).str(), formatv("{0:e0}", bound).str(), own, toFile, file});
  }
  table.print(outs());
  if (reference->largestDecay > 0)
    outs() << formatv("hint: a decay is positive (at most {0:e2}): its state grows. Decays are natural logarithms of factors, at most 0\n",
                      reference->largestDecay);
  if (!good)
    return fail(kFailed, "a result differs from the reference by more than its bound");
  return asFile ? kOk : fail(kFailed, "a result differs from the file's by more than its bound");
}
