// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Goals.h"
#include "llvm/ADT/STLExtras.h"

using namespace llvm;
using namespace mixc;

/// The oldest architecture that runs our code, and the one that some kernels are specialised for.
static constexpr int kLeastArch = 80, kSpecificArch = 90;

/// What is compiled if no target is named. A level to look at is of one device.
static std::vector<std::string> defaultTargets(EmitLevel level) {
  switch (level) {
  case EmitLevel::Mixer:
  case EmitLevel::Tile:
  case EmitLevel::Llvm: return {"x86-64"};
  case EmitLevel::GpuTile:
  case EmitLevel::Ptx:
  case EmitLevel::Cubin: return {"sm_80"};
  case EmitLevel::Object: break;
  }
  return {"x86-64", "sm_80", "sm_90a"};
}

bool Goals::specialised() const {
  return any_of(cubins, [](const GpuArch &arch) { return arch.specific; });
}

/// The a of later architectures says nothing: there is code of the sm_80 family and for sm_90a.
static Expected<GpuArch> parseArch(StringRef name, StringRef target) {
  StringRef digits = name;
  GpuArch arch;
  bool isGpu = digits.consume_front("sm_"), hasSuffix = digits.consume_back("a");
  if (!isGpu || digits.getAsInteger(10, arch.number) || arch.number < kLeastArch)
    return createStringError("target '" + target + "': expected a GPU of sm_80 or later, got '" + name + "'");
  arch.specific = hasSuffix && arch.number == kSpecificArch;
  return arch;
}

static Error addGpu(Goals &goals, Target target, StringRef name) {
  Expected<GpuArch> arch = parseArch(target.arch, name);
  if (!arch)
    return arch.takeError();
  if (!is_contained(goals.cubins, *arch)) {
    if (goals.cubins.empty() || goals.cubins.back() < *arch) {
      goals.gpu = std::move(target);
      goals.gpuName = name.str();
    }
    goals.cubins.push_back(*arch);
    llvm::sort(goals.cubins);
  }
  return Error::success();
}

Expected<Goals> mixc::resolveGoals(const CompileOptions &options) {
  Goals goals;
  for (const std::string &name : options.targets.empty() ? defaultTargets(options.emit) : options.targets) {
    Expected<Target> target = loadTarget(name);
    if (!target)
      return target.takeError();
    if (target->isGpu()) {
      if (Error error = addGpu(goals, std::move(*target), name))
        return error;
    } else if (goals.cpu) {
      return createStringError("target '" + name + "': expected one CPU, got '" + goals.cpu->name + "' too");
    } else {
      goals.cpu = std::move(*target);
    }
  }
  return goals;
}
