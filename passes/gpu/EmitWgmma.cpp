// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Matrix products by warpgroups, and how rows are packed for them. When a product's rows are packed, ComputeOrder.cpp says.

#include "WgmmaEmitter.h"

using namespace mlir;
using namespace mixc;
using namespace mixc::gpu;
using namespace mixc::gpu_tile;

static constexpr int64_t kRowBytes = 128, kRowsOfPattern = 8;
/// Registers of a thread with rows for products that are issued together; more are packed in turns of fewer.
static constexpr int64_t kPackedRegisters = 32, kTurnRegisters = 24;

namespace {
/// How wgmma finds a tile in shared memory: a descriptor, and the bytes from one step of 16 of the contracted dimension to the
/// next.
struct OperandForm {
  OperandForm(SharedType type, AffineMap map, unsigned k) : kInner(cast<AffineDimExpr>(map.getResults().back()).getPosition() == k) {
    int64_t rows = type.getNumElements() / type.getShape().back();
    panelBytes = rows * kRowBytes;
  }
  /// K is contiguous ("K-major").
  bool kInner;
  int64_t panelBytes;

  int64_t stepBytes(int64_t k) const { return kInner ? k / 4 * panelBytes + k % 4 * 32 : k * 16 * kRowBytes; }
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

/// A product while it is written: blocks of 16 columns of a warp, tiles of 64 rows of the warpgroup, steps of 16 of the contracted
/// dimension. The accumulators are those of the tiles, one after the other.
struct WgmmaEmitter::Product {
  int64_t rowTiles, cols, steps;
  bool fromZero;
  StringRef element;
  Values acc;
  OperandForm columnsForm;
  Value columns;
  /// Where the rows come from shared memory.
  std::optional<OperandForm> leftForm = std::nullopt;
  Value left = {};

  size_t perTile() const { return cols * 8; }
};

/// The contracted dimension, and its size.
static std::pair<unsigned, int64_t> contracted(WgmmaOp op) {
  auto map = [&](int i) { return cast<AffineMapAttr>(op.getIndexingMaps()[i]).getValue(); };
  ArrayRef<int64_t> shape = cast<SharedType>(op.getRhs().getType()).getShape();
  std::pair<unsigned, int64_t> found = {0, 1};
  for (auto [d, expr] : llvm::enumerate(map(1).getResults()))
    if (!llvm::is_contained(map(2).getResults(), expr) && shape[d] > 1)
      found = {cast<AffineDimExpr>(expr).getPosition(), shape[d]};
  return found;
}

/// Whether the sums are some columns of another product, in its registers.
static bool arePartOfProduct(Value sums) {
  if (auto guard = sums.getDefiningOp<GuardOp>())
    sums = guard.getSums();
  auto map = sums.getDefiningOp<MapOp>();
  auto same = map ? dyn_cast<BlockArgument>(cast<YieldOp>(map.getBody().front().back()).getValue()) : BlockArgument();
  if (!same || same.getOwner() != &map.getBody().front())
    return false;
  Value whole = map.getInputs()[same.getArgNumber()];
  return whole.getDefiningOp<WgmmaWaitOp>() && tileShape(whole.getType()) != tileShape(sums.getType());
}

/// The registers that the product adds to; of one from zero they hold nothing yet. ptxas lets no product work on a part of another one's
/// while others are under way: they are copied, by a sum that is no plain move.
Values WgmmaEmitter::accumulators(WgmmaOp op, bool fromZero) {
  auto type = cast<FragmentType>(op.getResult().getType());
  auto mma = cast<MmaAttr>(type.getLayout());
  int64_t rowTiles = rowBlocksPerWarp(mma, type.getShape()), cols = colBlocksPerWarp(mma, type.getShape());
  if (fromZero)
    return Values(rowTiles * cols * 8, LLVM::UndefOp::create(b, b.getF32Type()));
  Values acc;
  LoadCache cache;
  for (int64_t i = 0; i < rowTiles; ++i)
    for (int64_t j = 0; j < cols; ++j)
      llvm::append_range(acc, block(op.getAccumulator(), 0, i, j, cache));
  if (arePartOfProduct(op.getAccumulator()))
    for (Value &sum : acc)
      sum = arith::AddFOp::create(b, sum, f32(0));
  return acc;
}

WgmmaEmitter::Product WgmmaEmitter::productOf(WgmmaOp op) {
  auto map = [&](int i) { return cast<AffineMapAttr>(op.getIndexingMaps()[i]).getValue(); };
  auto type = cast<FragmentType>(op.getResult().getType());
  auto mma = cast<MmaAttr>(type.getLayout());
  auto rhs = cast<SharedType>(op.getRhs().getType());
  auto [k, depth] = contracted(op);
  auto init = op.getAccumulator().getDefiningOp<ConstantOp>();
  bool fromZero = init && init.getValue().isZero();
  Values acc = accumulators(op, fromZero);
  OperandForm form(rhs, map(1), k);
  Product product{rowBlocksPerWarp(mma, type.getShape()),
                  colBlocksPerWarp(mma, type.getShape()),
                  depth / 16,
                  fromZero,
                  rhs.getElementType().isBF16() ? "bf16" : "f16",
                  acc,
                  form,
                  matrixDescriptor(op.getRhs(), form.panelBytes)};
  if (auto lhs = dyn_cast<SharedType>(op.getLhs().getType())) {
    product.leftForm.emplace(lhs, map(0), k);
    product.left = matrixDescriptor(op.getLhs(), product.leftForm->panelBytes);
  }
  return product;
}

/// Orders what is in registers before the products that follow: rows, and accumulators if they hold something.
void WgmmaEmitter::fence(Values &acc, Values &rows, bool hasSums) {
  Values fenced = hasSums ? acc : Values();
  llvm::append_range(fenced, rows);
  fenced = assembly("wgmma.fence.sync.aligned;", fenced, {});
  if (hasSums)
    acc.assign(fenced.begin(), fenced.begin() + acc.size());
  rows.assign(fenced.end() - rows.size(), fenced.end());
}

/// Operands of inline PTX, `{$4, $5, $6, $7}`.
static std::string operandList(size_t begin, size_t end) {
  std::string text = "{";
  for (size_t i = begin; i < end; ++i)
    text += (i > begin ? ", $" : "$") + std::to_string(i);
  return text + "}";
}

/// One instruction: a step of a tile of rows, which come from `rows` unless they are in shared memory.
Values WgmmaEmitter::multiplyStep(const Product &product, int64_t tile, int64_t step, ArrayRef<Value> rows, ArrayRef<Value> sums) {
  auto stepped = [&](Value descriptor, int64_t bytes) {
    return bytes ? Value(arith::AddIOp::create(b, descriptor, i64(bytes >> 4))) : descriptor;
  };
  const std::optional<OperandForm> &left = product.leftForm;
  Values in;
  std::string lhs;
  size_t next = 2 * product.perTile();
  if (left) {
    in.push_back(stepped(product.left, left->stepBytes(step)));
    lhs = "$" + std::to_string(next++);
  } else {
    in.append(rows.begin(), rows.end());
    lhs = operandList(next, next + rows.size());
    next += rows.size();
  }
  in.push_back(stepped(product.columns, product.columnsForm.stepBytes(step)));
  std::string text = ("{\n.reg .pred p;\nsetp.ne.b32 p, " + Twine(product.fromZero && step == 0 ? 0 : 1) +
                      ", 0;\nwgmma.mma_async.sync.aligned.m64n" + Twine(product.cols * 16) + "k16.f32." + product.element + "." +
                      product.element + " " + operandList(0, product.perTile()) + ", " + lhs + ", $" + Twine(next) + ", p, 1, 1" +
                      (left ? left->kInner ? ", 0" : ", 1" : "") + (product.columnsForm.kInner ? ", 0" : ", 1") + ";\n}")
                         .str();
  return assembly(text, sums, in);
}

LogicalResult WgmmaEmitter::emit(WgmmaOp op) {
  constexpr int64_t kRegistersOfBlock = 4;
  Product product = productOf(op);
  int64_t rowTiles = product.rowTiles, steps = product.steps;
  bool isLeftShared = product.leftForm.has_value();
  // Rows from registers are packed before the fence: packing between products makes ptxas wait for each of them. Many registers
  // are packed in turns.
  int64_t perStep = kRegistersOfBlock * rowTiles;
  int64_t together = isLeftShared || perStep * steps <= kPackedRegisters ? steps : std::max<int64_t>(1, kTurnRegisters / perStep);
  LoadCache cache;
  for (int64_t begin = 0; begin < steps; begin += together) {
    int64_t end = std::min(steps, begin + together);
    if (begin > 0)
      awaitBefore(op.getLhs(), product.acc);
    Values rows;
    for (int64_t i = 0; !isLeftShared && i < rowTiles; ++i)
      for (int64_t step = begin; step < end; ++step)
        llvm::append_range(rows, block(op.getLhs(), 0, i, step, cache));
    fence(product.acc, rows, /*hasSums=*/!product.fromZero || begin > 0);
    for (int64_t i = 0; i < rowTiles; ++i) {
      MutableArrayRef<Value> tile = MutableArrayRef(product.acc).slice(i * product.perTile(), product.perTile());
      for (int64_t step = begin; step < end; ++step) {
        int64_t at = (i * (end - begin) + step - begin) * kRegistersOfBlock;
        ArrayRef<Value> ofStep = isLeftShared ? ArrayRef<Value>() : ArrayRef(rows).slice(at, kRegistersOfBlock);
        llvm::copy(multiplyStep(product, i, step, ofStep, tile), tile.begin());
      }
    }
  }
  NVVM::WgmmaGroupSyncAlignedOp::create(b);
  registers[op.getResult()] = product.acc;
  return success();
}

LogicalResult WgmmaEmitter::emit(WgmmaWaitOp op) {
  registers[op.getResult()] =
      assembly(("wgmma.wait_group.sync.aligned " + Twine(op.getPending()) + ";").str(), registers.lookup(op.getProduct()), {});
  return success();
}
