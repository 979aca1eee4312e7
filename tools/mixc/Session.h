// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What `run` and `bench` share: a spec compiled for a device, loaded, with its arguments there.
#pragma once

#include "Commands.h"
#include "Execution.h"
#include "mixc/dialect/Mixer.h"

namespace mixc {

struct SessionOptions {
  CompileOptions compile;
  mixc_device device = {MIXC_DEVICE_CPU, 0};
  std::string input; ///< npz file; empty: random arguments
  int64_t seed = 1;
  bool inPlace = false;         ///< final states take the place of initial ones
  std::vector<int64_t> lengths; ///< of packed sequences
  int64_t pool = 0;             ///< states in a pool; 0: there is none
  int64_t keptEvery = 0;        ///< tokens between states that are kept inside the call; 0: none are
  bool checked = false;         ///< results will be compared with the evaluator's
};

/// The flags for SessionOptions, the common ones included.
void addSessionFlags(FlagTable &flags, SessionOptions &options);

/// An error where one flag leaves another without meaning.
llvm::Error checkSessionFlags(const FlagTable &flags);

class Session {
public:
  /// Null, with `code` set, if something is not as it should be; it has been printed.
  static std::unique_ptr<Session> open(llvm::StringRef path, const SessionOptions &options, ExitCode &code);

  mixer::SpecOp spec() { return parsed; }
  const mixc_spec_desc *descriptor() const { return loaded->descriptor(); }
  Device &device() { return *where; }
  Execution &execution() { return *running; }
  /// Execution::plan, and an error of the code not_enough_memory if its workspace does not fit.
  llvm::Expected<mixc_plan> plan(int32_t variant, int64_t splits);
  const HostTensors &inputs() const { return tensors; }
  const std::map<std::string, int64_t> &sizes() const { return shape; }
  const Sequences &sequences() const { return told; }
  const SpecInfo &info() const { return artefacts.info(); }
  /// "f32", "bf16, states bf16 rounded by a seed"
  std::string typesText() const;

private:
  ExitCode gather(const SessionOptions &options);
  llvm::Error tellSequences(const SessionOptions &options);
  /// Whether the tensors fit the memory of the host and of the device.
  llvm::Error checkMemory(const SessionOptions &options);
  ExitCode build(const SessionOptions &options);
  ExitCode load(const SessionOptions &options);

  std::string stateDtype; ///< that the call asked for
  std::string sizesFlag;  ///< the flag that the sizes come from
  std::unique_ptr<SpecFile> file;
  mixer::SpecOp parsed;
  Shape shape;
  Sequences told;
  HostTensors tensors;
  Artefacts artefacts;
  std::unique_ptr<LoadedSpec> loaded;
  std::unique_ptr<Device> where;
  std::unique_ptr<Execution> running;
};

/// Says so where a plan has not as many segments as `--segments` asked for; 0 asks for none.
void noteSplits(Session &session, int64_t asked, const mixc_plan &plan);

/// "B=1,T=4096,H=24"
std::string sizesText(const std::map<std::string, int64_t> &sizes);

} // namespace mixc
