// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Verifiers of what only kernels for sm_90a have.

#include "mixc/dialect/Arch.h"
#include "mixc/dialect/GpuTile.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace mixc;
using namespace mixc::gpu_tile;

static constexpr int64_t kLeastRegisters = 24, kMostRegisters = 256, kLeastArch = 90;

LogicalResult RoleOp::verify() {
  int64_t first = int32_t(getFirst()), warps = int32_t(getWarps()), parts = int32_t(getParts()), end = first + warps * parts;
  if (warps < 1 || !llvm::isPowerOf2_64(warps) || first < 0 || first % warps != 0) // C1
    return emitOpError("expected warps to be a power of two that divides first, got ") << warps << " from " << first << " on";
  int64_t registers = int32_t(getRegisters());
  if (registers != 0 &&
      (registers < kLeastRegisters || registers > kMostRegisters || registers % 8 != 0 || first % 4 != 0 || warps * parts % 4 != 0)) // C2
    return emitOpError("expected registers to be a multiple of 8 from 24 to 256, for warps in fours, got ")
           << registers << " for " << warps * parts << " warps from " << first << " on";
  if (int64_t bytes = int32_t(getOwnBytes()); bytes < 0 || bytes % 16 != 0) // C4
    return emitOpError("expected own_bytes to be a multiple of 16, got ") << bytes;
  Operation *around = (*this)->getParentOp();
  auto outer = dyn_cast<RoleOp>(around);
  if (outer && registers != 0) // C2
    return emitOpError("expected no registers of its own in role \"") << outer.getName() << "\", got " << registers;
  int64_t begin = outer ? int64_t(outer.getFirst()) : 0;
  int64_t limit = outer ? begin + int64_t(outer.getWarps()) : int64_t(cast<KernelOp>(around).getThreads()) / 32;
  if (parts < 1 || (outer && int64_t(outer.getParts()) != 1) || first < begin || end > limit) // C3
    return emitOpError("expected warps from ") << begin << " up to " << limit << ", got " << first << " to " << end;
  for (auto other : around->getRegion(0).getOps<RoleOp>()) {
    if (other == *this) // those that follow have not been verified
      break;
    int64_t from = other.getFirst(), to = from + int64_t(other.getWarps()) * other.getParts();
    if (from < end && first < to) // C3
      return emitOpError("expected warps of its own, got those of role \"") << other.getName() << "\" too";
  }
  if (getBody().getNumArguments() != 1 || !getBody().getArgument(0).getType().isIndex())
    return emitOpError("expected a body with one index, the part, as its argument");
  return success();
}

LogicalResult SingleOp::verify() {
  auto role = (*this)->getParentOfType<RoleOp>();
  if (!role || role.getSingle() || (*this)->getParentOfType<SingleOp>()) // C1
    return emitOpError("expected to be in a gpu_tile.role all of whose threads run the body");
  Operation *other = nullptr;
  getBody().walk([&](Operation *op) {
    bool isScalar = op->getNumRegions() == 0 && llvm::all_of(op->getResultTypes(), [](Type type) { return type.isIntOrIndexOrFloat(); });
    if (!isa<SlotOp, AwaitOp, ArriveOp, ExpectOp, FetchOp, scf::IfOp, scf::YieldOp>(op) &&
        !(isScalar && isa<arith::ArithDialect>(op->getDialect())))
      other = other ? other : op;
  });
  if (other) // C2
    return other->emitOpError("expected scalars, barriers in shared memory and bulk copies to it in gpu_tile.single");
  return success();
}

LogicalResult AwaitLaunchOp::verify() {
  auto kernel = (*this)->getParentOfType<KernelOp>();
  if (!kernel) // C1
    return emitOpError("expected to be in a gpu_tile.kernel");
  if (std::optional<Arch> arch = parseArch(kernel.getArch()); arch && arch->number >= kLeastArch) // C1
    return success();
  return emitOpError("expected the kernel's arch to be sm_90 or later, got ") << kernel.getArch();
}

LogicalResult MbarriersOp::verify() {
  int64_t offset = getOffset();
  if (offset < -1 || (offset > 0 && offset % 8 != 0)) // C1
    return emitOpError("expected an offset of -1 or a multiple of 8, got ") << offset;
  if (int32_t(getArrivals()) < 1) // C2
    return emitOpError("expected at least 1 arrival, got ") << int32_t(getArrivals());
  return success();
}

LogicalResult WgmmaWaitOp::verify() {
  if (int32_t(getPending()) < 0) // C1
    return emitOpError("expected pending to be at least 0, got ") << int32_t(getPending());
  return success();
}
