// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "TileTypes.h"

using namespace mlir;
using namespace mixc;
using namespace mixc::gpu;
using namespace mixc::gpu_tile;

SmallVector<int64_t> mixc::gpu::memoryOrder(ArrayRef<int64_t> dims) {
  SmallVector<int64_t> order = identityPerm(dims.size());
  llvm::sort(order, [&](int64_t i, int64_t j) { return dims[i] < dims[j]; });
  return order;
}

SharedType mixc::gpu::withStages(SharedType stage, int64_t stages) {
  return SharedType::get(stage.getContext(), stage.getShape(), stage.getElementType(), stage.getSwizzle(), stages, stage.getPanel());
}

FragmentType TileTypes::fragment(Value tile) const {
  if (FragmentType type = heldAs(tile))
    return type;
  RankedTensorType type = tileType(tile);
  Attribute layout = placement.layoutOf(tile);
  if (!layout)
    layout = LinearAttr::get(type.getContext());
  return FragmentType::get(type.getContext(), type.getShape(), type.getElementType(), layout);
}

SharedType TileTypes::shared(Value tile, int64_t stages) const {
  RankedTensorType type = tileType(tile);
  return SharedType::get(type.getContext(), type.getShape(), type.getElementType(), placement.swizzleOf(tile), stages, /*panel=*/0);
}

bool TileTypes::readsAsFragment(OpOperand &use) const {
  Operation *user = use.getOwner();
  if (auto contract = dyn_cast<linalg::ContractOp>(user))
    return use.getOperandNumber() == 2 || staysInRegisters(use.get(), contract);
  if (auto generic = dyn_cast<linalg::GenericOp>(user); generic && generic.getNumReductionLoops() > 0)
    return true;
  if (auto generic = dyn_cast<linalg::GenericOp>(user))
    return !feedsScans(generic) && agrees(fragment(use.get()), generic.getMatchingIndexingMap(&use), fragment(generic.getResult(0)));
  if (auto scan = dyn_cast<tile::ScanOp>(user))
    return use.get() == scan.getInit();
  if (auto guard = dyn_cast<tile::GuardOp>(user))
    return use.get() == guard.getSums();
  if (auto since = dyn_cast<tile::SinceResetOp>(user))
    return use.get() == since.getState();
  return true;
}

bool TileTypes::staysInRegisters(Value tile, linalg::ContractOp user) const {
  if ((placement.isStaged(tile) && !held.contains(tile)) || splatOf(tile) || fromOthers.contains(tile))
    return false;
  FailureOr<ContractRoles> roles = rolesOf(user);
  if (failed(roles) || roles->lhs != tile)
    return false;
  return suppliesRows(fragment(tile), roles->lhsMap, fragment(user->getResult(0)), roles->outMap);
}

FragmentType TileTypes::rowsFragment(linalg::ContractOp product) const {
  FailureOr<ContractRoles> roles = rolesOf(product);
  if (failed(roles))
    return {};
  auto out = cast<MmaAttr>(fragment(product->getResult(0)).getLayout());
  auto layout = MmaAttr::get(product.getContext(), {}, roles->lhsRows, {roles->lhsK}, out.getWarpRows(), out.getWarpCols());
  RankedTensorType tile = tileType(roles->lhs);
  if (!layoutProblem(layout, tile.getShape()).empty())
    return {};
  return FragmentType::get(product.getContext(), tile.getShape(), tile.getElementType(), layout);
}
