// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A GPU's numbers: what its driver says, and what copies and empty kernels take. All else is that of the description to begin with.

#include "Calibration.h"
#include "CudaDevice.h"

using namespace llvm;
using namespace mixc;

Expected<std::vector<Figure>> mixc::calibrateCuda(Target &target) {
  const std::string base = target.name;
  Expected<CudaNumbers> numbers = measureCuda(/*ordinal=*/0);
  if (!numbers)
    return numbers.takeError();
  Runs bandwidths;
  for (double seconds : numbers->copySeconds)
    bandwidths.values.push_back(2 * static_cast<double>(numbers->copiedBytes) / seconds);
  std::vector<Figure> figures{
      knownFigure("units", numbers->multiprocessors, "multiprocessors, as the driver says"),
      bestRate("copy_bandwidth", bandwidths, "copies within the GPU's memory, read plus written"),
      bestTime("launch_latency", Runs{numbers->launchSeconds}, "from one empty kernel to the next"),
      knownFigure("shared_bytes", static_cast<double>(numbers->sharedBytes), "shared memory of a block, as the driver says"),
      knownFigure("cache_bytes", static_cast<double>(numbers->cacheBytes), "second-level cache, as the driver says")};
  for (auto [key, value] : {std::pair{"unit_bandwidth", target.machine.unit_bandwidth},
                            {"matrix_rate_f32", target.machine.matrix_rate_f32},
                            {"matrix_rate_tf32", target.machine.matrix_rate_tf32},
                            {"matrix_rate_half", target.machine.matrix_rate_half},
                            {"shared_bandwidth", target.machine.shared_bandwidth},
                            {"scalar_rate", target.machine.scalar_rate},
                            {"special_rate", target.machine.special_rate},
                            {"memory_latency", target.machine.memory_latency}})
    figures.push_back(knownFigure(key, value, "of " + base));
  setFigures(target, figures);
  target.source = "mixc calibrate, " + numbers->name + "; what its driver does not show is of " + base;
  return figures;
}
