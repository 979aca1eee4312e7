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
  std::string device = "cpu";
  std::string input; ///< npz file; empty: random arguments
  int64_t seed = 1;
};

/// The flags for SessionOptions, the common ones included.
void addSessionFlags(FlagTable &flags, SessionOptions &options);

class Session {
public:
  /// Null, with `code` set, if something is not as it should be; it has been printed.
  static std::unique_ptr<Session> open(llvm::StringRef path, SessionOptions options, ExitCode &code);

  mixer::SpecOp spec() { return parsed; }
  const mixc_spec_desc *descriptor() const { return loaded->descriptor(); }
  Device &device() { return *where; }
  Execution &execution() { return *running; }
  const HostTensors &inputs() const { return tensors; }
  const std::map<std::string, int64_t> &sizes() const { return shape; }
  const SpecInfo &info() const { return artefacts.info; }

private:
  ExitCode gather(const SessionOptions &options);
  ExitCode build(CompileOptions options);

  std::unique_ptr<SpecFile> file;
  mixer::SpecOp parsed;
  std::map<std::string, int64_t> shape;
  HostTensors tensors;
  Artefacts artefacts;
  std::unique_ptr<LoadedSpec> loaded;
  std::unique_ptr<Device> where;
  std::unique_ptr<Execution> running;
};

/// "B=1,T=4096,H=24"
std::string sizesText(const std::map<std::string, int64_t> &sizes);

} // namespace mixc
