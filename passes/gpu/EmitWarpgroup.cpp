// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What only kernels for sm_90a have: roles, barriers in shared memory, bulk copies, wgmma.

#include "KernelEmitter.h"
#include "mixc/passes/Gpu.h"
#include "llvm/Support/SaveAndRestore.h"

using namespace mlir;
using namespace mixc;
using namespace mixc::gpu;
using namespace mixc::gpu_tile;

static constexpr int64_t kRowBytes = 128, kRowsOfPattern = 8, kWarpgroupRows = 64;
/// Registers of a thread with rows for products that are issued together; more are packed in turns of fewer.
static constexpr int64_t kPackedRegisters = 32, kTurnRegisters = 24;
/// Policies of the second-level cache, as createpolicy encodes them.
static constexpr int64_t kEvictFirst = 0x12f0000000000000, kEvictLast = 0x14f0000000000000;
/// Nanoseconds that a waiting thread may sleep before it looks again.
static constexpr int64_t kSleep = 10000000;

/// Inline PTX whose first operands are read and written in place.
KernelEmitter::Values KernelEmitter::assembly(StringRef text, ValueRange inOut, ValueRange in) {
  std::string constraints;
  auto letter = [](Type type) { return type.isF32() ? "f" : type.isInteger(64) || isa<LLVM::LLVMPointerType>(type) ? "l" : "r"; };
  auto append = [&](const Twine &constraint) { constraints += ((constraints.empty() ? "" : ",") + constraint).str(); };
  for (Value value : inOut)
    append(Twine("=") + letter(value.getType()));
  for (size_t i = 0; i < inOut.size(); ++i)
    append(Twine(i));
  for (Value value : in)
    append(letter(value.getType()));
  append("~{memory}");
  SmallVector<Value> operands = llvm::to_vector(inOut);
  llvm::append_range(operands, in);
  SmallVector<Type> types = llvm::to_vector(inOut.getTypes());
  Type result = types.empty() ? Type() : types.size() == 1 ? types[0] : Type(LLVM::LLVMStructType::getLiteral(b.getContext(), types));
  auto dialect = LLVM::AsmDialectAttr::get(b.getContext(), LLVM::AsmDialect::AD_ATT);
  auto op = LLVM::InlineAsmOp::create(b, result ? TypeRange(result) : TypeRange(), operands, text, constraints, /*has_side_effects=*/true,
                                      /*is_align_stack=*/false, LLVM::TailCallKind::None, dialect, ArrayAttr());
  if (types.empty())
    return {};
  if (types.size() == 1)
    return {op.getRes()};
  Values results;
  for (size_t i = 0; i < types.size(); ++i)
    results.push_back(LLVM::ExtractValueOp::create(b, op.getRes(), i));
  return results;
}

//===--- Roles ---===//

LogicalResult KernelEmitter::emit(RoleOp op) {
  int64_t group = op.getWarps() * 32, parts = op.getParts(), first = op.getFirst() * 32, end = first + group * parts;
  Value cond = arith::CmpIOp::create(b, arith::CmpIPredicate::ult, arith::SubIOp::create(b, blockThread, i32(first)), i32(end - first));
  Value number = arith::AndIOp::create(b, blockThread, i32(group - 1));
  if (op.getSingle())
    cond = arith::AndIOp::create(b, cond, arith::CmpIOp::create(b, arith::CmpIPredicate::eq, number, i32(0)));
  auto branch = scf::IfOp::create(b, cond, /*withElseRegion=*/false);
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(branch.thenBlock());
  if (int64_t registers = op.getRegisters()) {
    int64_t atLaunch = kRegisterFile / kernel.getThreads() / 8 * 8;
    NVVM::SetMaxRegisterOp::create(b, registers,
                                   registers > atLaunch ? NVVM::SetMaxRegisterAction::increase : NVVM::SetMaxRegisterAction::decrease);
  }
  llvm::SaveAndRestore outerThread(thread), outerLane(lane), outerWarp(warp);
  Names outer = names();
  llvm::SaveAndRestore outerRole(role, op);
  llvm::SaveAndRestore outerThreads(threads, group), outerBarrier(firstBarrier, nextBarrier);
  part = i32(0);
  if (parts > 1) // the same in all lanes, which ptxas sees after a shuffle
    part = NVVM::ShflOp::create(b, b.getI32Type(), i32(-1), div(arith::SubIOp::create(b, blockThread, i32(first)), group), i32(0), i32(31),
                                NVVM::ShflKind::idx, UnitAttr());
  setThread(number);
  nextBarrier += parts;
  scalars.map(op.getBody().getArgument(0), widen(part));
  LogicalResult emitted = emitBlock(op.getBody().front());
  restore(outer);
  return emitted;
}

//===--- Launches ---===//

LogicalResult KernelEmitter::emit(AwaitLaunchOp) {
  NVVM::GriddepcontrolOp::create(b, NVVM::GridDepActionKind::wait);
  NVVM::GriddepcontrolOp::create(b, NVVM::GridDepActionKind::launch_dependents);
  function->setAttr(kOverlapsAttr, b.getUnitAttr());
  return success();
}

//===--- Barriers in shared memory ---===//

/// The constant part comes last, so that instructions take it as an immediate and barriers with one index share a register.
Value KernelEmitter::barrierPointer(Value barriers, Value index, int64_t *constant) {
  Value number = arith::TruncIOp::create(b, b.getI32Type(), scalars.lookup(index));
  int64_t offset = barriers.getDefiningOp<MbarriersOp>().getOffset();
  Value pointer = offsetPointer(sharedBase, mul(number, 8), 0);
  if (!constant)
    return offsetPointer(pointer, Value(), offset);
  *constant = offset;
  return pointer;
}

LogicalResult KernelEmitter::emit(MbarriersOp op) {
  int64_t offset = op.getOffset();
  if (offset < 0)
    return op.emitOpError("expected a planned offset, got none; run --tile-to-gpu");
  Value pointer = offsetPointer(sharedBase, Value(), offset);
  ifValid(arith::CmpIOp::create(b, arith::CmpIPredicate::eq, thread, i32(0)), [&] {
    for (int64_t i = 0; i < cast<MbarriersType>(op.getBarriers().getType()).getCount(); ++i)
      NVVM::MBarrierInitOp::create(b, offsetPointer(pointer, Value(), 8 * i), i32(op.getArrivals()), Value());
    NVVM::FenceMbarrierInitOp::create(b);
  });
  return success();
}

LogicalResult KernelEmitter::emit(ArriveOp op) {
  NVVM::MBarrierArriveOp::create(b, Type(), barrierPointer(op.getBarriers(), op.getIndex()), Value());
  return success();
}

LogicalResult KernelEmitter::emit(ExpectOp op) {
  NVVM::MBarrierArriveExpectTxOp::create(b, Type(), barrierPointer(op.getBarriers(), op.getIndex()), i32(op.getBytes()),
                                         NVVM::MemScopeKind::CTA, /*relaxed=*/false, Value());
  return success();
}

LogicalResult KernelEmitter::emit(AwaitOp op) {
  Value parity = arith::TruncIOp::create(b, b.getI32Type(), scalars.lookup(op.getParity()));
  int64_t offset;
  Value pointer = barrierPointer(op.getBarriers(), op.getIndex(), &offset);
  Value address = LLVM::PtrToIntOp::create(b, b.getI32Type(), pointer);
  // As nvvm.mbarrier.try_wait.parity, whose address has no immediate.
  std::string text = ("{\n.reg .pred p;\nwait:\nmbarrier.try_wait.parity.shared::cta.b64 p, [$0+" + Twine(offset) + "], $1, " +
                      Twine(kSleep) + ";\n@!p bra wait;\n}")
                         .str();
  assembly(text, {}, {address, parity});
  return success();
}

//===--- Bulk copies ---===//

/// A box of a tensor: what a kernel's tensor map describes.
template <typename Op> static KernelEmitter::TensorMap mapOf(Op op, SharedType shared) {
  auto type = cast<MemRefType>(op.getMemref().getType());
  KernelEmitter::TensorMap map{int64_t(cast<BlockArgument>(op.getMemref()).getArgNumber()) - tile::KernelOp::kFirstMemref,
                               SmallVector<int64_t>(type.getRank(), 1)};
  for (auto [size, dim] : llvm::zip(shared.getShape(), op.getDims()))
    map.box[dim] = size;
  map.box.back() = shared.getRow();
  return map;
}

void KernelEmitter::collectTensorMaps() {
  kernel.walk([&](Operation *op) {
    TensorMap map;
    if (auto fetch = dyn_cast<FetchOp>(op))
      map = mapOf(fetch, cast<SharedType>(fetch.getDest().getType()));
    else if (auto flush = dyn_cast<FlushOp>(op))
      map = mapOf(flush, cast<SharedType>(flush.getSource().getType()));
    else
      return;
    if (!llvm::is_contained(tensorMaps, map))
      tensorMaps.push_back(map);
  });
}

/// The attribute that tells the runtime which maps to pass, after the other parameters.
void KernelEmitter::describeTensorMaps(unsigned firstArgument) {
  SmallVector<Attribute> maps;
  for (auto [i, map] : llvm::enumerate(tensorMaps)) {
    auto tensor = cast<MemRefType>(kernel.getArgumentTypes()[tile::KernelOp::kFirstMemref + map.tensor]);
    int64_t rowBytes = map.box.back() * tensor.getElementTypeBitWidth() / 8; // which is also the swizzle's width
    maps.push_back(b.getDictionaryAttr({b.getNamedAttr("tensor", b.getI32IntegerAttr(map.tensor)),
                                        b.getNamedAttr("box", b.getDenseI64ArrayAttr(map.box)),
                                        b.getNamedAttr("swizzle", b.getI32IntegerAttr(rowBytes))}));
    unsigned arg = firstArgument + i;
    auto bytes = LLVM::LLVMArrayType::get(b.getI8Type(), 128);
    function.setArgAttr(arg, LLVM::LLVMDialect::getByValAttrName(), TypeAttr::get(bytes));
    function.setArgAttr(arg, LLVM::LLVMDialect::getAlignAttrName(), b.getI64IntegerAttr(64));
    function.setArgAttr(arg, NVVM::NVVMDialect::getGridConstantAttrName(), b.getUnitAttr());
  }
  if (!maps.empty())
    function->setAttr(kTensorMapsAttr, b.getArrayAttr(maps));
}

Value KernelEmitter::tensorMapPointer(const TensorMap &map) {
  auto found = llvm::find(tensorMaps, map);
  unsigned first = function.getNumArguments() - tensorMaps.size() - (allBlocks ? 1 : 0);
  return function.getArgument(first + (found - tensorMaps.begin()));
}

/// Where the tile begins, innermost dimension first.
template <typename Op> KernelEmitter::Values KernelEmitter::coordinates(Op op) {
  Values values;
  SmallVector<OpFoldResult> offsets = op.getMixedOffsets();
  for (OpFoldResult offset : llvm::reverse(offsets)) {
    if (auto attr = dyn_cast<Attribute>(offset))
      values.push_back(i32(cast<IntegerAttr>(attr).getInt()));
    else
      values.push_back(arith::TruncIOp::create(b, b.getI32Type(), scalars.lookup(cast<Value>(offset))));
  }
  return values;
}

/// body(pointer, coordinates) for each panel of the tile.
template <typename Op> void KernelEmitter::eachPanel(Op op, Value tile, function_ref<void(Value, ArrayRef<Value>)> body) {
  auto type = cast<SharedType>(tile.getType());
  int64_t width = type.getElementType().getIntOrFloatBitWidth() / 8;
  Values at = coordinates(op);
  Value inner = at.front();
  for (int64_t panel = 0; panel * type.getRow() < type.getShape().back(); ++panel) {
    at.front() = panel ? add(inner, i32(panel * type.getRow())) : inner;
    body(offsetPointer(buffers.lookup(tile), Value(), panel * type.getPanelStride() * width), at);
  }
}

LogicalResult KernelEmitter::emit(FetchOp op) {
  Value map = tensorMapPointer(mapOf(op, cast<SharedType>(op.getDest().getType())));
  Value done = barrierPointer(op.getBarriers(), op.getIndex()), hint = i64(op.getReused() ? kEvictLast : kEvictFirst);
  constexpr unsigned kSharedCluster = 7;
  eachPanel(op, op.getDest(), [&](Value pointer, ArrayRef<Value> at) {
    Value dest = LLVM::AddrSpaceCastOp::create(b, LLVM::LLVMPointerType::get(b.getContext(), kSharedCluster), pointer);
    NVVM::CpAsyncBulkTensorGlobalToSharedClusterOp::create(b, dest, map, at, done, ValueRange(), Value(), hint, NVVM::TMALoadMode::TILE,
                                                           /*isCTAOnly=*/false, NVVM::CTAGroupKindAttr(), Value());
  });
  return success();
}

LogicalResult KernelEmitter::emit(FlushOp op) {
  Value map = tensorMapPointer(mapOf(op, cast<SharedType>(op.getSource().getType())));
  ifValid(arith::CmpIOp::create(b, arith::CmpIPredicate::eq, thread, i32(0)), [&] {
    eachPanel(op, op.getSource(), [&](Value pointer, ArrayRef<Value> at) {
      NVVM::CpAsyncBulkTensorSharedCTAToGlobalOp::create(b, map, pointer, at, i64(kEvictFirst), NVVM::TMAStoreMode::TILE, Value());
    });
    NVVM::CpAsyncBulkCommitGroupOp::create(b);
  });
  return success();
}

LogicalResult KernelEmitter::emit(DrainOp op) {
  ifValid(arith::CmpIOp::create(b, arith::CmpIPredicate::eq, thread, i32(0)),
          [&] { NVVM::CpAsyncBulkWaitGroupOp::create(b, 0, op.getWritten() ? UnitAttr() : b.getUnitAttr()); });
  return success();
}

LogicalResult KernelEmitter::emit(FenceOp op) {
  NVVM::FenceProxyOp::create(b, NVVM::ProxyKind::async_shared, NVVM::SharedSpaceAttr::get(b.getContext(), NVVM::SharedSpace::shared_cta));
  return success();
}

//===--- Matrix products ---===//

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
Value KernelEmitter::matrixDescriptor(Value tile, int64_t panelBytes) {
  Value address = LLVM::PtrToIntOp::create(b, b.getI32Type(), buffers.lookup(tile));
  Value field = arith::ShRUIOp::create(b, arith::AndIOp::create(b, address, i32(0x3ffff)), i32(4));
  int64_t rest = (panelBytes >> 4) << 16 | ((kRowsOfPattern * kRowBytes) >> 4) << 32 | int64_t(1) << 62;
  return arith::OrIOp::create(b, arith::ExtUIOp::create(b, b.getI64Type(), field), i64(rest));
}

/// Waits for the products so far, of which `acc` are the accumulators. Rows that are computed from fragments are packed after it:
/// earlier they would take registers beside those of the products under way.
void KernelEmitter::awaitBefore(Value rows, Values &acc) {
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

LogicalResult KernelEmitter::emit(WgmmaOp op) {
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

LogicalResult KernelEmitter::emit(WgmmaWaitOp op) {
  registers[op.getResult()] =
      assembly(("wgmma.wait_group.sync.aligned " + Twine(op.getPending()) + ";").str(), registers.lookup(op.getProduct()), {});
  return success();
}
