// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Arrays.h"
#include "Check.h"
#include "Table.h"
#include "mixc/passes/OutputFile.h"
#include "mixc/runtime/limits.h"
#include "llvm/Support/FormatVariadic.h"

using namespace llvm;
using namespace mixc;

static constexpr StringRef kUsage =
    R"(usage: mixc run SPEC (--in=FILE.npz | --shape=B=..,T=..,..) [flags]

Compiles a spec in memory and calls it once. Arrays of the input file bind to the spec's arguments by name and give the
sizes; without a file the arguments are random. Prints the plan that was taken and the time of the call.
)";

static constexpr StringRef kNotes =
    R"(--check compares each result with the float64 recurrence. The bound holds for the error relative to the terms that
  the result is a sum of, so that terms which cancel are no failure: ||y - ref|| / (||root of the sum of their squares||
  + 5e-6 / bound ||sum of their magnitudes||). It is 5e-6 for f32, 1e-3 for f32 with products of tf32 (a GPU's, without
  --precision=f32), 2e-3 for f16, 6e-3 for bf16; with l and r 2e-5, 2e-3, 4e-3, 1e-2; twice that for states that are
  rounded stochastically. Elements that are NaN or infinite must be so in both; errors are those of the
  others. Results that the input file holds must have the same shapes and agree as well. The exit code is 1 above a bound.

examples
  mixc run mamba2 --in=tensors.npz --out=result.npz
  mixc run mamba2 --shape=B=1,T=4096,H=24,P=64,N=128,G=1 --dtype=bf16 --seed=1 --check
  mixc run my_mixer.mlir --shape=B=2,T=100,H=4,P=16,N=16 --algorithm=chunked --chunk=32 --segments=2 --check
)";

int mixc::runCommand(Arguments args) {
  SessionOptions options;
  CommandLine line{kUsage, kNotes};
  std::string output;
  int64_t splits = 0;
  line.flags.addText("--out", "FILE.npz", "write the results there, as f32 arrays", output);
  line.flags.addSwitch("--check-bounds", kCheckBoundsHelp, options.compile.checkBounds);
  line.flags.addSwitch("--check", "compare with the float64 recurrence", options.checked);
  line.flags.addInteger("--segments", "segments of T that run in parallel; default: the cost model's choice", 1, MIXC_MAX_SPLITS, splits);
  addSessionFlags(line.flags, options);
  if (std::optional<int> code = line.parse(args))
    return *code;
  if (Error error = checkSessionFlags(line.flags))
    return fail(kBadInput, std::move(error));
  Expected<OutputFiles> file = OutputFiles::open(output.empty() ? ArrayRef<std::string>() : output);
  if (!file)
    return fail(kBadInput, "--out: " + toString(file.takeError()));
  ExitCode code = kOk;
  std::unique_ptr<Session> session = Session::open(line.spec, options, code);
  if (!session)
    return code;
  Expected<mixc_plan> plan = session->plan(-1, splits);
  if (!plan)
    return fail(plan.takeError());
  noteSplits(*session, splits, *plan);
  Expected<double> seconds = session->execution().call(*plan);
  if (!seconds)
    return fail(seconds.takeError());
  Expected<HostTensors> results = session->execution().results();
  if (!results)
    return fail(kFailed, results.takeError());
  outs() << formatv("{0} {1}, {2}, on {3}: {4}, {5}, {6:f3} ms, predicted {7:f3} ms\n", session->info().name, sizesText(session->sizes()),
                    session->typesText(), session->device().description, session->descriptor()->variants[plan->variant].name,
                    counted(plan->splits, "segment"), *seconds * 1e3, plan->seconds * 1e3);
  if (!output.empty())
    if (Error error = writeArrays(*file, *results))
      return fail(kFailed, std::move(error));
  return options.checked ? check(*session, *plan, *results) : kOk;
}
