// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Accesses.h"

using namespace mlir;
using namespace mixc;
using namespace mixc::gpu;
using namespace mixc::gpu_tile;

AllocOp mixc::gpu::bufferOf(Value shared) {
  if (auto slot = shared.getDefiningOp<SlotOp>())
    return bufferOf(slot.getBuffer());
  return shared.getDefiningOp<AllocOp>();
}

/// A warp's rows lie together.
int64_t mixc::gpu::stripsOf(FragmentType type, ArrayRef<int64_t> perm) {
  constexpr int64_t kBlockRows = 16;
  auto mma = dyn_cast<MmaAttr>(type.getLayout());
  if (!mma || mma.getRows().back() != perm.back() || mma.getWarpCols() != 1)
    return 0;
  const int64_t rows = product(type.getShape(), mma.getRows()), warps = mma.getWarpRows();
  return rows == type.getShape()[perm.back()] && rows % (kBlockRows * warps) == 0 ? warps : 0;
}

static Value slotOf(Value shared) {
  auto slot = shared.getDefiningOp<SlotOp>();
  return slot ? slot.getStage() : Value();
}

/// Rows of a lanes fragment, 0 for other layouts.
static int64_t laneRows(Type type) {
  auto fragment = cast<FragmentType>(type);
  auto lanes = dyn_cast<LanesAttr>(fragment.getLayout());
  if (!lanes)
    return 0;
  int64_t rows = 1;
  for (int64_t size : fragment.getShape().take_front(lanes.getRows()))
    rows *= size;
  return rows;
}

/// Rows if the operand's rows are read by the warps that compute the same rows of the result.
static int64_t privateRows(MapOp op, AffineMap map, SharedType operand) {
  auto result = cast<FragmentType>(op.getResult().getType());
  auto lanes = dyn_cast<LanesAttr>(result.getLayout());
  if (!lanes || lanes.getRows() == 0 || int64_t(operand.getShape().size()) < lanes.getRows())
    return 0;
  for (int64_t d = 0; d < lanes.getRows(); ++d) {
    auto dim = dyn_cast<AffineDimExpr>(map.getResult(d));
    if (!dim || int64_t(dim.getPosition()) != d || operand.getShape()[d] != result.getShape()[d])
      return 0;
  }
  return laneRows(result);
}

static void readsOf(MapOp op, SmallVectorImpl<Access> &accesses);

static void readsOf(Value operand, SmallVectorImpl<Access> &accesses) {
  if (isa<SharedType>(operand.getType())) {
    if (AllocOp buffer = bufferOf(operand))
      accesses.push_back({buffer, false, 0, slotOf(operand)});
    return;
  }
  if (auto map = operand.getDefiningOp<MapOp>(); map && map.getDeferred())
    readsOf(map, accesses);
}

static void readsOf(MapOp op, SmallVectorImpl<Access> &accesses) {
  for (auto [i, input] : llvm::enumerate(op.getInputs())) {
    size_t before = accesses.size();
    readsOf(input, accesses);
    if (auto shared = dyn_cast<SharedType>(input.getType()))
      for (Access &access : MutableArrayRef(accesses).drop_front(before))
        access.warpRows = privateRows(op, cast<AffineMapAttr>(op.getIndexingMaps()[i]).getValue(), shared);
  }
}

SmallVector<Access> mixc::gpu::accessesOf(Operation *op) {
  SmallVector<Access> accesses;
  auto write = [&](Value shared, int64_t warpRows, int64_t strips = 0) {
    if (AllocOp buffer = bufferOf(shared))
      accesses.push_back({buffer, true, warpRows, slotOf(shared), strips});
  };
  if (auto map = dyn_cast<MapOp>(op)) {
    if (!map.getDeferred())
      readsOf(map, accesses);
  } else if (auto put = dyn_cast<PutOp>(op)) {
    readsOf(put.getFragment(), accesses);
    bool inOrder = llvm::all_of(llvm::enumerate(put.getPerm()), [](auto p) { return int64_t(p.index()) == p.value(); });
    auto type = cast<FragmentType>(put.getFragment().getType());
    const bool isWritten = llvm::any_of(put.getDest().getUsers(), [](Operation *user) { // else others read what lies in the strips
      auto written = dyn_cast<WriteOp>(user);
      return written && written.getStrips() > 0;
    });
    write(put.getDest(), inOrder ? laneRows(type) : 0, isWritten ? stripsOf(type, put.getPerm()) : 0);
  } else if (auto sum = dyn_cast<SumOp>(op)) {
    write(sum.getDest(), 0);
  } else if (auto copy = dyn_cast<CopyOp>(op)) {
    write(copy.getDest(), 0);
    for (Access &access : accesses)
      access.intoRing = cast<SharedType>(access.buffer.getBuffer().getType()).getStages() > 1;
  } else if (auto written = dyn_cast<WriteOp>(op)) {
    if (AllocOp buffer = bufferOf(written.getSource()))
      accesses.push_back({buffer, false, 0, slotOf(written.getSource()), int32_t(written.getStrips())});
  } else if (isa<FlushOp, ContractOp, WgmmaOp>(op)) {
    for (Value operand : op->getOperands())
      if (isa<SharedType, FragmentType>(operand.getType()))
        readsOf(operand, accesses);
  } else if (auto wait = dyn_cast<WgmmaWaitOp>(op)) {
    // Until then the product may read its operands.
    if (auto product = wait.getProduct().getDefiningOp<WgmmaOp>())
      for (Value operand : {Value(product.getLhs()), Value(product.getRhs())})
        if (isa<SharedType>(operand.getType()))
          readsOf(operand, accesses);
  } else if (isa<GuardOp, SinceResetOp>(op)) {
    for (Value operand : op->getOperands())
      if (isa<SharedType>(operand.getType()))
        readsOf(operand, accesses);
  } else if (auto spans = dyn_cast<SpansOp>(op)) {
    readsOf(spans.getInput(), accesses);
    write(spans.getSpans(), 0);
  } else if (auto solve = dyn_cast<SolveOp>(op)) {
    readsOf(solve.getMatrix(), accesses);
    readsOf(solve.getSums(), accesses);
    write(solve.getResult(), 0);
  } else if (auto scan = dyn_cast<ScanOp>(op)) {
    for (Value operand : {scan.getDecay(), scan.getExcess(), Value(scan.getX()), scan.getB(), scan.getC(), scan.getL(), scan.getR()})
      if (operand)
        readsOf(operand, accesses);
    write(scan.getPartials(), 0);
    if (scan.getExchange())
      write(scan.getExchange(), 0);
  }
  return accesses;
}
