// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Arrays.h"
#include "Session.h"
#include "Table.h"
#include "llvm/Support/FormatVariadic.h"
#include <cmath>

using namespace llvm;
using namespace mixc;

static constexpr StringRef kUsage =
    R"(usage: mixc run SPEC (--in=FILE.npz | --shape=B=..,T=..,..) [flags]

Compiles a spec in memory and calls it once. Arrays of the input file bind to the spec's arguments by name and give the
sizes; without a file the arguments are random. Prints the plan that was taken and the time of the call.
)";

static constexpr StringRef kNotes = R"(--check compares with the float64 recurrence, ||y - ref|| / ||ref|| for each result; the exit code is 1 above
  5e-6 for f32 on the CPU, 1e-3 for f32 on the GPU, 2e-3 for f16, 6e-3 for bf16.

examples
  mixc run mamba2 --in=tensors.npz --out=result.npz
  mixc run mamba2 --shape=B=1,T=4096,H=24,P=64,N=128,G=1 --dtype=bf16 --seed=1 --check
  mixc run my_mixer.mlir --shape=B=2,T=100,H=4,P=16,N=16 --algorithm=chunked --chunk=32 --splits=2 --check
)";

/// Largest relative error that --check accepts.
static double boundOf(StringRef dtype, const Device &device) {
  if (dtype == "bf16")
    return 6e-3;
  if (dtype == "f16")
    return 2e-3;
  return device.id().kind == MIXC_DEVICE_CPU ? 5e-6 : 1e-3;
}

/// ||values - reference|| / ||reference||; not a number where either has one that is not.
static double relativeError(ArrayRef<float> values, ArrayRef<double> reference) {
  double difference = 0, norm = 0;
  for (size_t i = 0; i < values.size(); ++i) {
    difference += (values[i] - reference[i]) * (values[i] - reference[i]);
    norm += reference[i] * reference[i];
  }
  return norm > 0 ? std::sqrt(difference / norm) : std::sqrt(difference);
}

/// The difference to the array of that name in the input file, if there is one of that size; for information.
static std::string differenceToFile(Session &session, const std::string &name, const HostTensor &result) {
  auto given = session.inputs().find(name);
  if (given == session.inputs().end() || given->second.shape != result.shape)
    return "";
  std::vector<double> values(given->second.values.begin(), given->second.values.end());
  return formatv("{0:e2}", relativeError(result.values, values)).str();
}

/// Prints the error of each result. kFailed if one is above the bound.
static int check(Session &session, const HostTensors &results) {
  mlir::FailureOr<ReferenceResults> reference =
      evaluateReference(session.spec(), roundInputs(session.descriptor(), session.inputs()), session.sizes());
  if (failed(reference))
    return kFailed;
  double bound = boundOf(session.info().dtype, session.device());
  bool good = true;
  Table table({"result", "shape", "relative error", "bound", "", "to the file's"});
  table.leftAlign({0, 1, 4});
  for (const TensorInfo &tensor : session.info().tensors) {
    if (!tensor.isResult)
      continue;
    const HostTensor &result = results.at(tensor.name);
    double error = relativeError(result.values, reference->at(tensor.name));
    bool passes = error <= bound;
    good &= passes;
    table.add({tensor.name, shapeText(result.shape), formatv("{0:e2}", error).str(), formatv("{0:e0}", bound).str(),
               passes ? "ok" : "FAILED", differenceToFile(session, tensor.name, result)});
  }
  table.print(outs());
  return good ? kOk : fail(kFailed, "a result differs from the reference by more than its bound");
}

int mixc::runCommand(Arguments args) {
  SessionOptions options;
  CommandLine line{kUsage, kNotes};
  std::string output;
  int64_t splits = 0;
  bool checked = false;
  line.flags.addText("--out", "FILE.npz", "write the results there, as f32 arrays", output);
  line.flags.addSwitch("--check", "compare with the float64 recurrence", checked);
  line.flags.addInteger("--splits", "segments of T that run in parallel; default: the cost model's choice", 1, splits);
  addSessionFlags(line.flags, options);
  if (std::optional<int> code = line.parse(args))
    return *code;
  ExitCode code = kOk;
  std::unique_ptr<Session> session = Session::open(line.spec, options, code);
  if (!session)
    return code;
  Expected<mixc_plan> plan = session->execution().plan(-1, splits);
  if (!plan)
    return fail(kFailed, plan.takeError());
  Expected<double> seconds = session->execution().call(*plan);
  if (!seconds)
    return fail(kFailed, seconds.takeError());
  Expected<HostTensors> results = session->execution().results();
  if (!results)
    return fail(kFailed, results.takeError());
  outs() << formatv("{0} {1}, {2}, on {3}: {4}, {5} splits, {6:f3} ms, predicted {7:f3} ms\n", session->info().name,
                    sizesText(session->sizes()), session->info().dtype, session->device().description,
                    session->descriptor()->variants[plan->variant].name, plan->splits, *seconds * 1e3,
                    plan->seconds * 1e3);
  if (!output.empty())
    if (Error error = writeArrays(output, *results))
      return fail(kFailed, std::move(error));
  return checked ? check(*session, *results) : kOk;
}
