// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Goals.h"
#include "llvm/ADT/STLExtras.h"

using namespace llvm;
using namespace mixc;

static constexpr int kLeastArch = 80;

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
  return {"x86-64", "sm_80", "sm_90"};
}

/// 90 for sm_90 and sm_90a: there is code of the sm_80 family only, which gains nothing from the a.
static Expected<int> archNumber(StringRef arch, StringRef target) {
  StringRef digits = arch;
  int number;
  if (!digits.consume_front("sm_") || (digits.consume_back("a"), digits.getAsInteger(10, number)) ||
      number < kLeastArch)
    return createStringError("target '" + target + "': expected a GPU of sm_80 or later, got '" + arch + "'");
  return number;
}

static Error addGpu(Goals &goals, Target target, StringRef name) {
  Expected<int> arch = archNumber(name.starts_with("sm_") ? name : StringRef(target.arch), name);
  if (!arch)
    return arch.takeError();
  if (!is_contained(goals.cubins, *arch)) {
    if (goals.cubins.empty() || *arch > goals.cubins.back())
      goals.gpu = std::move(target);
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
