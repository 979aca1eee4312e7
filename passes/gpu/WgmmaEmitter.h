// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Matrix products by warpgroups.
#pragma once

#include "MapCode.h"

namespace mixc::gpu {

class WgmmaEmitter : MapCode {
public:
  explicit WgmmaEmitter(KernelState &state) : MapCode(state) {}
  mlir::LogicalResult emit(gpu_tile::WgmmaOp op);
  mlir::LogicalResult emit(gpu_tile::WgmmaWaitOp op);

private:
  void awaitBefore(mlir::Value rows, Values &acc);
  mlir::Value matrixDescriptor(mlir::Value tile, int64_t panelBytes);
};

} // namespace mixc::gpu
