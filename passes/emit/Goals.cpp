// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Goals.h"
#include "mixc/dialect/Arch.h"
#include "llvm/ADT/STLExtras.h"

using namespace llvm;
using namespace mixc;

/// The architecture that some kernels are specialised for.
static constexpr int kSpecificArch = 90;

/// What is compiled if no target is named. A level to look at is of one device.
static std::vector<std::string> defaultTargets(EmitLevel level) {
  switch (level) {
  case EmitLevel::Mixer:
  case EmitLevel::Tile:
  case EmitLevel::Llvm:
    return {"x86-64"};
  case EmitLevel::GpuTile:
  case EmitLevel::Ptx:
  case EmitLevel::Cubin:
    return {"sm_80"};
  case EmitLevel::Object:
    break;
  }
  return {"x86-64", "sm_80", "sm_90a"};
}

bool Goals::specialised() const {
  return any_of(cubins, [](const GpuArch &arch) { return arch.specific; });
}

/// The suffix of later architectures says nothing: there is code of the sm_80 family and for sm_90a. loadTarget has checked the name.
static void addGpu(Goals &goals, Target target, StringRef name) {
  Arch parsed = *parseArch(target.arch);
  GpuArch arch{parsed.number, parsed.suffix == 'a' && parsed.number == kSpecificArch};
  if (is_contained(goals.cubins, arch))
    return;
  if (goals.cubins.empty() || goals.cubins.back() < arch) {
    goals.gpu = std::move(target);
    goals.gpuName = name.str();
  }
  goals.cubins.push_back(arch);
  llvm::sort(goals.cubins);
}

Expected<Goals> mixc::resolveGoals(const CompileOptions &options) {
  Goals goals;
  for (const std::string &name : options.targets.empty() ? defaultTargets(options.emit) : options.targets) {
    Expected<Target> target = loadTarget(name);
    if (!target)
      return target.takeError();
    if (target->isGpu()) {
      addGpu(goals, std::move(*target), name);
    } else if (goals.cpu) {
      return createStringError("expected one CPU, got '" + goals.cpu->name + "' and '" + name + "'");
    } else {
      goals.cpu = std::move(*target);
    }
  }
  return goals;
}
