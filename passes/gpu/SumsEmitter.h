// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Running sums along the last dimension.
#pragma once

#include "FragmentCode.h"

namespace mixc::gpu {

class SumsEmitter : FragmentCode {
public:
  explicit SumsEmitter(KernelState &state) : FragmentCode(state) {}
  mlir::LogicalResult emit(gpu_tile::CumsumOp op);
  mlir::LogicalResult emit(gpu_tile::LagOp op);

private:
  struct Resets;
  Resets voteOn(mlir::Value reset, mlir::Value upTo);
  std::pair<mlir::Value, mlir::Value> sumsUnlessReset(mlir::Value v, mlir::Value before, const Resets &resets);
  Values sumsOfLanes(mlir::Value v, mlir::Value before, const Resets *resets);
};

} // namespace mixc::gpu
