// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Workers.h"
#include "BulkTiles.h"

using namespace mlir;
using namespace mixc;
using namespace mixc::gpu;
using namespace mixc::gpu_tile;

static constexpr int64_t kWarpgroupRows = 64;

static Value slotOf(OpBuilder &b, Value ring, Value number) {
  return SlotOp::create(b, ring.getLoc(), ::cast<SharedType>(ring.getType()).getStage(), ring, number);
}

/// Whether the threads of an mma fragment can write pieces of its rows in memory by themselves.
static bool holdsPieces(FragmentType type, ArrayRef<int64_t> dims, int64_t memrefRank) {
  auto mma = dyn_cast<MmaAttr>(type.getLayout());
  return !mma || (type.getElementType().isF32() && dims[mma.getCols().back()] == memrefRank - 1);
}

void Workers::awaitCopies(int64_t pending, Location loc) {
  WaitOp::create(b, loc, pending);
  afterCopies(loc);
}

//===--- All warps of a block ---===//

template <typename Base> Value WithMmaSync<Base>::alloc(SharedType type, Location loc) {
  return AllocOp::create(this->b, loc, type, int64_t(-1));
}

template <typename Base> Value WithMmaSync<Base>::slot(Value ring, Value stage) { return slotOf(this->b, ring, stage); }

template <typename Base>
Value WithMmaSync<Base>::multiply(linalg::ContractOp source, FragmentType type, ValueRange operands, ArrayAttr maps) {
  bool tf32 = source->hasAttr(tile::TileDialect::Tf32AttrHelper::getNameStr());
  return ContractOp::create(this->b, source.getLoc(), type, operands[0], operands[1], operands[2], maps, tf32);
}

template class mixc::gpu::WithMmaSync<Workers>;
template class mixc::gpu::WithMmaSync<RolePart>;

bool AllWarps::storesDirectly(FragmentType type, ArrayRef<int64_t> dims, int64_t memrefRank) const {
  return holdsPieces(type, dims, memrefRank);
}

//===--- A part of a role ---===//

Value RolePart::alloc(SharedType type, Location loc) { return slotOf(b, allocRing(type, loc), part); }

Value RolePart::allocRing(SharedType type, Location loc) {
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(&kernel.getBody().front());
  return AllocOp::create(b, loc, withStages(type, type.getStages() * parts), int64_t(-1));
}

Value RolePart::slot(Value ring, Value stage) {
  Location loc = ring.getLoc();
  int64_t perPart = ::cast<SharedType>(ring.getType()).getStages() / parts;
  Value first = arith::MulIOp::create(b, loc, part, arith::ConstantIndexOp::create(b, loc, perPart));
  return slotOf(b, ring, arith::AddIOp::create(b, loc, first, stage));
}

/// An operand of products as wgmma wants it; other tiles as they are anywhere.
SharedType RolePart::sharedType(Value tile, const TileTypes &types) const {
  std::optional<SharedType> operand = feedsProduct(tile) ? operandTypeOf(tileType(tile)) : std::nullopt;
  return operand ? *operand : types.shared(tile, /*stages=*/1);
}

void RolePart::afterPut(Value tile) {
  if (feedsProduct(tile))
    FenceOp::create(b, tile.getLoc());
}

void RolePart::afterCopies(Location loc) { FenceOp::create(b, loc); }

Value RolePart::multiply(linalg::ContractOp source, FragmentType type, ValueRange operands, ArrayAttr maps) {
  return WgmmaOp::create(b, source.getLoc(), type, operands[0], operands[1], operands[2], maps);
}

bool RolePart::isUnderWay(Value product) const { return product.getDefiningOp<WgmmaOp>() != nullptr; }

/// wgmma reads 64 rows there, 16 for each warp. In a taller fragment a warp's rows lie together, and more of them than 16.
bool RolePart::readsSharedRows(FragmentType type) const {
  return gpu_tile::product(type.getShape(), ::cast<MmaAttr>(type.getLayout()).getRows()) == kWarpgroupRows;
}

/// What is f32 is the state, once at the end: not worth the shared memory.
bool RolePart::storesDirectly(FragmentType type, ArrayRef<int64_t> dims, int64_t memrefRank) const {
  return type.getElementType().isF32() || holdsPieces(type, dims, memrefRank);
}

std::unique_ptr<RolePart> mixc::gpu::workersOf(RoleAttr role, OpBuilder &b, gpu_tile::KernelOp kernel) {
  if (role.getRole() == Role::Factors)
    return std::make_unique<TeamWarps>(b, role.getWarps(), kernel, role.getParts());
  return std::make_unique<RolePart>(b, role.getWarps(), kernel, role.getParts());
}
