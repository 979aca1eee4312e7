// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Check.h"
#include "Accuracy.h"
#include "EvaluateSequences.h"
#include "Table.h"
#include "llvm/Support/FormatVariadic.h"
#include <cmath>
#include <cstdio>

using namespace llvm;
using namespace mixc;

static std::string digits(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.6g", value);
  return text;
}

/// A line where there is something to say: "y: 3 of 100 elements are not finite, as in the reference". Errors are those of the others.
static std::string describeNotFinite(StringRef name, ArrayRef<float> values, ArrayRef<double> exact, int32_t dtype) {
  int64_t count = countNotFinite(values), disagreeing = countDisagreeing(values, exact, dtype);
  if (!count && !disagreeing)
    return "";
  std::string where = disagreeing ? formatv("{0} elements are not finite on one side only, or are other infinities", disagreeing).str()
                                  : "as in the reference; errors are those of the others";
  return formatv("{0}: {1} of {2} elements are not finite, {3}\n", name, count, values.size(), where).str();
}

/// A line where there is something to say: "argument 'x' [B,T,H,P] holds a NaN at [0,3,1,2]".
static std::string describeNan(mixer::SpecOp spec, unsigned arg, const HostTensor &tensor) {
  auto isNan = [](float value) { return std::isnan(value); };
  const auto first = find_if(tensor.values, isNan);
  if (first == tensor.values.end())
    return "";
  std::vector<int64_t> index(tensor.shape.size());
  int64_t rest = first - tensor.values.begin();
  for (size_t d = index.size(); d-- > 0; rest /= tensor.shape[d])
    index[d] = rest % tensor.shape[d];
  const int64_t count = count_if(tensor.values, isNan);
  return formatv("argument '{0}' {1} holds {2} at {3}\n", spec.getArgName(arg), spec.getArgType(arg).getShortName(),
                 count == 1 ? "a NaN" : std::to_string(count) + " NaN, the first", shapeText(index));
}

int mixc::check(Session &session, const mixc_plan &plan, const HostTensors &results) {
  reference::Arrays arguments;
  for (auto &[name, tensor] : roundInputs(session.descriptor(), session.inputs()))
    arguments[name].assign(tensor.values.begin(), tensor.values.end());
  mlir::FailureOr<reference::ScaledResults> reference =
      session.sequences().any() ? evaluateSequences(session.spec(), session.sizes(), session.sequences(), arguments, results)
                                : reference::evaluateWithScales(session.spec(), session.sizes(), arguments);
  if (failed(reference))
    return kFailed;
  bool good = true, asFile = true;
  std::string notFinite;
  Table table({"result", "shape", "relative error", "of its terms", "bound", "", "to the file's", ""});
  table.leftAlign({0, 1, 5, 7});
  const mixc_spec_desc &desc = *session.descriptor();
  for (const mixc_tensor_desc &tensor : ArrayRef(desc.tensors, desc.n_tensors).drop_front(desc.n_args)) {
    const HostTensor &result = results.at(tensor.name);
    const double bound =
        boundOf(session.spec(), session.sizes(), session.info().dtype, desc.variants[plan.variant].cost.operand, desc, tensor);
    const std::vector<double> &exact = reference->results.at(tensor.name);
    Scale scale = scaleOf(*reference, tensor.name, bound);
    double error = distance(result.values, exact, tensor.dtype), ofTerms = relative(error, scale.ofTerms);
    auto verdict = [&](double value, bool &all) {
      bool passes = value <= bound;
      all &= passes;
      return passes ? "ok" : "FAILED";
    };
    std::string own = verdict(ofTerms, good), toFile, file;
    // An array of the result's name in the input file is somebody's result.
    auto given = session.inputs().find(tensor.name);
    if (given != session.inputs().end()) {
      if (given->second.shape != result.shape)
        return fail(kBadInput, formatv("--in: result '{0}': expected an array of {1}, got {2}", tensor.name, shapeText(result.shape),
                                       shapeText(given->second.shape)));
      std::vector<double> others(given->second.values.begin(), given->second.values.end());
      double difference = distance(result.values, others, tensor.dtype);
      toFile = formatv("{0:e2}", relative(difference, scale.ofResult)).str();
      file = verdict(relative(difference, scale.ofTerms), asFile);
    }
    table.add({tensor.name, shapeText(result.shape), formatv("{0:e2}", relative(error, scale.ofResult)).str(),
               formatv("{0:e2}", ofTerms).str(), formatv("{0:e0}", bound).str(), own, toFile, file});
    notFinite += describeNotFinite(tensor.name, result.values, exact, tensor.dtype);
  }
  table.print(outs());
  outs() << notFinite;
  for (unsigned i = 0; i < session.spec().getNumArgs(); ++i)
    if (auto given = session.inputs().find(session.spec().getArgName(i).str()); given != session.inputs().end())
      outs() << describeNan(session.spec(), i, given->second);
  constexpr double kRounding = 1e-6; // of what is at most 0 but for that
  if (reference->largestDecay > kRounding)
    outs() << formatv("hint: a decay is positive, or keep larger than 1 (the logarithm of the factor is at most {0:e2}): the state grows. "
                      "Decays are natural logarithms of factors, at most 0\n",
                      reference->largestDecay);
  if (reference->broken)
    return fail(kFailed, formatv("expected decays of at least {0}, as the spec says, got {1}; declare a smaller bound, leave it out, or "
                                 "clamp the decay, as in max(g, {0})",
                                 digits(reference->broken->bound), digits(reference->broken->decay)));
  if (!good)
    return fail(kFailed, "a result differs from the reference by more than its bound");
  return asFile ? kOk : fail(kFailed, "a result differs from the file's by more than its bound");
}
