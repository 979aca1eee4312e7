// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Measurement.h"
#include "Report.h"

using namespace llvm;
using namespace mixc;

static MeasuredCall::Row rowOf(const Measurement &measurement) {
  return {measurement.variant,      measurement.algorithm, measurement.plan.splits, measurement.chosen,
          measurement.plan.seconds, measurement.median(),  measurement.spread(),    measurement.seconds.size()};
}

std::optional<MeasuredCall> mixc::measureCall(StringRef path, const CompileOptions &options, const Target &target,
                                              ArrayRef<int64_t> lengths, ExitCode &code) {
  SessionOptions session;
  session.compile = options;
  session.compile.allAlgorithms = options.algorithm == "auto";
  session.lengths = lengths.vec();
  session.device.kind = target.machine.kind;
  MeasuredCall call;
  if (Expected<std::unique_ptr<Device>> device = openDevice(session.device); !device) {
    call.why = toString(device.takeError());
    note("no times for " + target.name + ": " + call.why);
    code = kOk;
    return call;
  }
  std::unique_ptr<Session> opened = Session::open(path, session, code);
  if (!opened)
    return std::nullopt;
  Expected<MeasuredCases> cases = listCases(*opened, {});
  if (!cases) {
    code = fail(cases.takeError());
    return std::nullopt;
  }
  if (Error error = measureCases(*opened, *cases, {})) {
    code = fail(std::move(error));
    return std::nullopt;
  }
  call.device = opened->device().description;
  for (const Measurement &measurement : cases->measured)
    call.rows.push_back(rowOf(measurement));
  for (const MeasuredCases::Skipped &other : cases->skipped)
    call.skipped.push_back({other.variant, other.why});
  return call;
}
