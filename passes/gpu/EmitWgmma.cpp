// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Matrix products by warpgroups.

#include "WgmmaEmitter.h"

using namespace mlir;
using namespace mixc;
using namespace mixc::gpu;
using namespace mixc::gpu_tile;

static constexpr int64_t kRowBytes = 128, kRowsOfPattern = 8, kWarpgroupRows = 64;
/// Registers of a thread with rows for products that are issued together; more are packed in turns of fewer.
static constexpr int64_t kPackedRegisters = 32, kTurnRegisters = 24;

namespace {
/// How wgmma finds a tile in shared memory: a descriptor, and the bytes from one step of 16 of the contracted dimension, or of 64
/// rows, to the next.
struct OperandForm {
  OperandForm(SharedType type, AffineMap map, unsigned k) : kInner(cast<AffineDimExpr>(map.getResults().back()).getPosition() == k) {
    int64_t rows = type.getNumElements() / type.getShape().back();
    panelBytes = rows * kRowBytes;
  }
  /// K is contiguous ("K-major").
  bool kInner;
  int64_t panelBytes;

  int64_t stepBytes(int64_t k) const { return kInner ? k / 4 * panelBytes + k % 4 * 32 : k * 16 * kRowBytes; }
  int64_t rowBytes(int64_t tile) const { return tile * (kInner ? kWarpgroupRows * kRowBytes : panelBytes); }
};
} // namespace

/// The descriptor of a swizzled tile (PTX ISA, "matrix descriptor"): address, bytes between panels, bytes between groups of eight
/// rows, each in units of 16, and the swizzle of 128 bytes.
Value WgmmaEmitter::matrixDescriptor(Value tile, int64_t panelBytes) {
  Value address = LLVM::PtrToIntOp::create(b, b.getI32Type(), buffers.lookup(tile));
  Value field = arith::ShRUIOp::create(b, arith::AndIOp::create(b, address, i32(0x3ffff)), i32(4));
  int64_t rest = (panelBytes >> 4) << 16 | ((kRowsOfPattern * kRowBytes) >> 4) << 32 | int64_t(1) << 62;
  return arith::OrIOp::create(b, arith::ExtUIOp::create(b, b.getI64Type(), field), i64(rest));
}

/// Waits for the products so far, of which `acc` are the accumulators. Rows that are computed from fragments are packed after it:
/// earlier they would take registers beside those of the products under way.
void WgmmaEmitter::awaitBefore(Value rows, Values &acc) {
  auto map = rows.getDefiningOp<MapOp>();
  SmallVector<Value> sources;
  Values all = acc;
  for (Value input : map ? ValueRange(map.getInputs()) : ValueRange())
    if (auto found = registers.find(input); found != registers.end() && !llvm::is_contained(sources, input)) {
      sources.push_back(input);
      llvm::append_range(all, found->second);
    }
  NVVM::WgmmaGroupSyncAlignedOp::create(b);
  all = assembly("wgmma.wait_group.sync.aligned 0;", all, {});
  size_t at = acc.size();
  acc.assign(all.begin(), all.begin() + at);
  for (Value source : sources) {
    Values &old = registers[source];
    old.assign(all.begin() + at, all.begin() + at + old.size());
    at += old.size();
  }
}

LogicalResult WgmmaEmitter::emit(WgmmaOp op) {
  auto map = [&](int i) { return cast<AffineMapAttr>(op.getIndexingMaps()[i]).getValue(); };
  auto type = cast<FragmentType>(op.getResult().getType());
  auto mma = cast<MmaAttr>(type.getLayout());
  auto rhs = cast<SharedType>(op.getRhs().getType());
  auto lhs = dyn_cast<SharedType>(op.getLhs().getType());
  unsigned k = 0;
  int64_t depth = 1;
  for (auto [d, expr] : llvm::enumerate(map(1).getResults()))
    if (!llvm::is_contained(map(2).getResults(), expr) && rhs.getShape()[d] > 1) {
      k = cast<AffineDimExpr>(expr).getPosition();
      depth = rhs.getShape()[d];
    }
  int64_t rowTiles = rowBlocksPerWarp(mma, type.getShape()), cols = colBlocksPerWarp(mma, type.getShape()), steps = depth / 16;
  auto init = op.getAccumulator().getDefiningOp<ConstantOp>();
  bool fromZero = init && init.getValue().isZero();
  Values acc;
  if (fromZero) {
    acc = Values(rowTiles * cols * 8, LLVM::UndefOp::create(b, b.getF32Type()));
  } else {
    LoadCache cache;
    for (int64_t i = 0; i < rowTiles; ++i)
      for (int64_t j = 0; j < cols; ++j)
        llvm::append_range(acc, block(op.getAccumulator(), 0, i, j, cache));
  }
  OperandForm columnsForm(rhs, map(1), k);
  Value columns = matrixDescriptor(op.getRhs(), columnsForm.panelBytes), left;
  std::optional<OperandForm> leftForm;
  if (lhs) {
    leftForm.emplace(lhs, map(0), k);
    left = matrixDescriptor(op.getLhs(), leftForm->panelBytes);
  }
  auto stepped = [&](Value descriptor, int64_t bytes) {
    return bytes ? Value(arith::AddIOp::create(b, descriptor, i64(bytes >> 4))) : descriptor;
  };
  StringRef element = rhs.getElementType().isBF16() ? "bf16" : "f16";
  size_t per = cols * 8;
  auto list = [](size_t begin, size_t end) {
    std::string text = "{";
    for (size_t i = begin; i < end; ++i)
      text += (i > begin ? ", $" : "$") + std::to_string(i);
    return text + "}";
  };
  // Rows from registers are packed before the fence: packing between products makes ptxas wait for each of them. Many registers
  // are packed in turns.
  int64_t together = lhs || 4 * rowTiles * steps <= kPackedRegisters ? steps : std::max<int64_t>(1, kTurnRegisters / (4 * rowTiles));
  LoadCache cache;
  for (int64_t begin = 0; begin < steps; begin += together) {
    int64_t end = std::min(steps, begin + together);
    bool undefined = fromZero && begin == 0;
    if (begin > 0)
      awaitBefore(op.getLhs(), acc);
    Values rows;
    for (int64_t i = 0; !lhs && i < rowTiles; ++i)
      for (int64_t step = begin; step < end; ++step)
        llvm::append_range(rows, block(op.getLhs(), 0, i, step, cache));
    Values fenced = undefined ? Values() : acc;
    llvm::append_range(fenced, rows);
    fenced = assembly("wgmma.fence.sync.aligned;", fenced, {});
    if (!undefined)
      acc.assign(fenced.begin(), fenced.begin() + acc.size());
    rows.assign(fenced.end() - rows.size(), fenced.end());
    for (int64_t i = 0; i < rowTiles; ++i) {
      Values part(acc.begin() + i * per, acc.begin() + (i + 1) * per);
      for (int64_t step = begin; step < end; ++step) {
        Values in;
        std::string a;
        size_t next = 2 * per;
        if (lhs) {
          in.push_back(stepped(left, leftForm->rowBytes(i) + leftForm->stepBytes(step)));
          a = "$" + std::to_string(next++);
        } else {
          size_t at = (i * (end - begin) + step - begin) * 4;
          in.append(rows.begin() + at, rows.begin() + at + 4);
          a = list(next, next + 4);
          next += 4;
        }
        in.push_back(stepped(columns, columnsForm.stepBytes(step)));
        std::string text =
            ("{\n.reg .pred p;\nsetp.ne.b32 p, " + Twine(fromZero && step == 0 ? 0 : 1) + ", 0;\nwgmma.mma_async.sync.aligned.m64n" +
             Twine(cols * 16) + "k16.f32." + element + "." + element + " " + list(0, per) + ", " + a + ", $" + Twine(next) + ", p, 1, 1" +
             (lhs ? leftForm->kInner ? ", 0" : ", 1" : "") + (columnsForm.kInner ? ", 0" : ", 1") + ";\n}")
                .str();
        part = assembly(text, part, in);
      }
      llvm::copy(part, acc.begin() + i * per);
    }
  }
  NVVM::WgmmaGroupSyncAlignedOp::create(b);
  registers[op.getResult()] = acc;
  return success();
}

LogicalResult WgmmaEmitter::emit(WgmmaWaitOp op) {
  registers[op.getResult()] =
      assembly(("wgmma.wait_group.sync.aligned " + Twine(op.getPending()) + ";").str(), registers.lookup(op.getProduct()), {});
  return success();
}
