// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "KernelConverter.h"
#include "BulkTiles.h"
#include "mlir/Dialect/Linalg/Utils/Utils.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace mixc;
using namespace mixc::gpu;
using namespace mixc::gpu_tile;

//===--- Tiles ---===//

/// A buffer for a tile that is copied there; in a role, for each of its parts.
Value KernelConverter::allocStages(Value tile, int64_t ofStages) {
  SharedType type = stageType(tile, ofStages);
  return part ? allocForPart(type, tile.getLoc()) : AllocOp::create(b, tile.getLoc(), type, int64_t(-1)).getBuffer();
}

Value KernelConverter::put(Value fragment, ArrayRef<int64_t> perm, int64_t swizzle) {
  auto type = ::cast<FragmentType>(fragment.getType());
  SmallVector<int64_t> shape;
  for (int64_t p : perm)
    shape.push_back(type.getShape()[p]);
  return put(fragment, perm, SharedType::get(b.getContext(), shape, type.getElementType(), swizzle, 1, /*panel=*/0));
}

Value KernelConverter::put(Value fragment, ArrayRef<int64_t> perm, SharedType type) {
  Location loc = fragment.getLoc();
  Value buffer = part ? allocForPart(type, loc) : AllocOp::create(b, loc, type, int64_t(-1)).getBuffer();
  PutOp::create(b, loc, fragment, buffer, perm);
  return buffer;
}

/// A tile in registers; a constant becomes a fragment of the layout asked for by its user.
Value KernelConverter::fragmentOf(Value tile) {
  if (Value known = fragments.lookup(tile))
    return finished(tile, known);
  if (FragmentType held = types.heldAs(tile))
    return fragments[tile] = readBack(tile, held);
  if (std::optional<FloatAttr> splat = splatOf(tile))
    return ConstantOp::create(b, tile.getLoc(), fragmentType(tile), b.getF32FloatAttr(splat->getValueAsDouble()));
  return {};
}

/// A tile in registers as a user wants it: constants and tiles that are in shared memory only come in any layout.
Value KernelConverter::fragmentOf(Value tile, FragmentType type) {
  if (std::optional<FloatAttr> splat = splatOf(tile))
    return ConstantOp::create(b, tile.getLoc(), type, b.getF32FloatAttr(splat->getValueAsDouble()));
  Value fragment = fragmentOf(tile);
  return fragment ? fragment : readBack(tile, type);
}

/// A tile in shared memory, put there right after it was computed.
Value KernelConverter::sharedOf(Value tile) {
  if (Value known = shared.lookup(tile))
    return known;
  Value fragment = fragmentOf(tile);
  if (!fragment) { // run() fails in the end; until then it is a tile like another
    emitError(tile.getLoc()) << "expected a tile that the warps which read it have, got one of another role; choose a plan without "
                                "warpgroups";
    bad = true;
    return AllocOp::create(b, tile.getLoc(), types.shared(tile, 1), int64_t(-1));
  }
  if (splatOf(tile)) // here: another user may be in another region
    return put(fragment, identityPerm(tileType(tile).getRank()), placement.swizzleOf(tile));
  OpBuilder::InsertionGuard guard(b);
  if (Operation *def = fragment.getDefiningOp())
    b.setInsertionPointAfter(def);
  else if (Operation *after = afterArguments.lookup(fragment.getParentBlock()))
    b.setInsertionPointAfter(after);
  else
    b.setInsertionPointToStart(fragment.getParentBlock());
  if (Value ring = chainBuffers.lookup(tile)) {
    // A tile that is loaded ahead, not computed, is there before the buffer to write is known.
    Operation *def = fragment.getDefiningOp(), *parity = chainParity.getDefiningOp();
    if (!def || def->getBlock() != parity->getBlock() || def->isBeforeInBlock(parity))
      b.setInsertionPointAfter(parity);
    Value slot = ringSlot(ring, chainParity);
    PutOp::create(b, tile.getLoc(), fragment, slot, identityPerm(tileType(tile).getRank()));
    return shared[tile] = slot;
  }
  if (part && feedsProduct(tile)) {
    FailureOr<SharedType> type = expectOperandType(tileType(tile), tile.getLoc());
    if (failed(type)) { // run() fails in the end; until then it is a tile like another
      bad = true;
      type = types.shared(tile, 1);
    }
    shared[tile] = put(fragment, identityPerm(tileType(tile).getRank()), *type);
    FenceOp::create(b, tile.getLoc());
    return shared[tile];
  }
  return shared[tile] = put(fragment, identityPerm(tileType(tile).getRank()), placement.swizzleOf(tile));
}

/// Narrows or widens every element.
Value KernelConverter::cast(Value fragment, Type element) {
  auto from = ::cast<FragmentType>(fragment.getType());
  if (from.getElementType() == element)
    return fragment;
  Location loc = fragment.getLoc();
  auto type = FragmentType::get(b.getContext(), from.getShape(), element, from.getLayout());
  auto maps = b.getAffineMapArrayAttr({b.getMultiDimIdentityMap(from.getShape().size())});
  auto op = MapOp::create(b, loc, type, ValueRange{fragment}, maps, /*deferred=*/false);
  OpBuilder::InsertionGuard guard(b);
  Block *body = b.createBlock(&op.getBody(), {}, {from.getElementType()}, {loc});
  Value value = body->getArgument(0);
  if (from.getElementType().isF32()) {
    value = arith::TruncFOp::create(b, loc, element, value);
  } else {
    value = arith::ExtFOp::create(b, loc, b.getF32Type(), value);
    if (!element.isF32())
      value = arith::TruncFOp::create(b, loc, element, value);
  }
  YieldOp::create(b, loc, value);
  return op.getResult();
}

//===--- Loads and stores ---===//

static SmallVector<Value> mapped(ValueRange values, IRMapping &map) {
  return llvm::map_to_vector(values, [&](Value v) { return map.lookupOrDefault(v); });
}

Value KernelConverter::loadFragment(tile::LoadOp op, IRMapping &scalars, FragmentType type) {
  return LoadOp::create(b, op.getLoc(), type, scalars.lookupOrDefault(op.getSource()), mapped(op.getOffsets(), scalars),
                        mapped(op.getLimits(), scalars), op.getStaticOffsets(), op.getStaticLimits(), op.getDims(), op.getOptional());
}

void KernelConverter::copyToShared(tile::LoadOp op, IRMapping &scalars, Value dest) {
  CopyOp::create(b, op.getLoc(), scalars.lookupOrDefault(op.getSource()), mapped(op.getOffsets(), scalars), mapped(op.getLimits(), scalars),
                 op.getStaticOffsets(), op.getStaticLimits(), op.getDims(), op.getOptional(), dest);
}

LogicalResult KernelConverter::convert(tile::LoadOp op) {
  Value tile = op.getTile();
  if (fragments.count(tile) || shared.count(tile)) // loaded ahead by the loop
    return success();
  if (placement.isStaged(tile)) {
    Value buffer = allocStages(tile, 1);
    copyToShared(op, map, buffer);
    CommitOp::create(b, op.getLoc());
    awaitCopies(0, op.getLoc());
    shared[tile] = buffer;
    return success();
  }
  FragmentType type = fragmentType(tile);
  Type element = ::cast<MemRefType>(op.getSource().getType()).getElementType();
  auto raw = FragmentType::get(b.getContext(), type.getShape(), element, type.getLayout());
  fragments[tile] = cast(loadFragment(op, map, raw), type.getElementType());
  return success();
}

/// Whether the threads of an mma fragment can write pieces of its rows in memory by themselves.
static bool storesDirectly(FragmentType type, ArrayRef<int64_t> dims, int64_t memrefRank) {
  auto mma = dyn_cast<MmaAttr>(type.getLayout());
  return !mma || (type.getElementType().isF32() && dims[mma.getCols().back()] == memrefRank - 1);
}

LogicalResult KernelConverter::convert(tile::StoreOp op) {
  if (handovers.count(op))
    return handOver(op);
  auto memref = ::cast<MemRefType>(op.getDest().getType());
  Location loc = op.getLoc();
  SmallVector<Value> offsets = mapped(op.getOffsets(), map), limits = mapped(op.getLimits(), map);
  Value dest = map.lookupOrDefault(op.getDest());
  Value fragment = cast(fragmentOf(op.getTile(), fragmentType(op.getTile())), memref.getElementType());
  auto type = ::cast<FragmentType>(fragment.getType());
  // Where warps have roles, what is f32 is the state, once at the end: not worth the shared memory.
  if (storesDirectly(type, op.getDims(), memref.getRank()) || (part && type.getElementType().isF32())) {
    StoreOp::create(b, loc, fragment, dest, offsets, limits, op.getStaticOffsets(), op.getStaticLimits(), op.getDims(), op.getOptional());
    return success();
  }
  SmallVector<int64_t> order = memoryOrder(op.getDims()), dims, staticLimits;
  SmallVector<Value> orderedLimits;
  SmallVector<OpFoldResult> mixed = getMixedValues(op.getStaticLimits(), limits, b.getContext()), ordered;
  for (int64_t d : order) {
    dims.push_back(op.getDims()[d]);
    ordered.push_back(mixed[d]);
  }
  dispatchIndexOpFoldResults(ordered, orderedLimits, staticLimits);
  int64_t rowBytes = memref.getElementTypeBitWidth() / 8;
  for (int64_t d : ArrayRef(order).drop_front())
    rowBytes *= type.getShape()[d];
  Value buffer = put(fragment, order, order.size() > 1 && rowBytes % 16 == 0 ? 0 : -1);
  WriteOp::create(b, loc, buffer, dest, offsets, orderedLimits, op.getStaticOffsets(), staticLimits, dims, op.getOptional());
  return success();
}

/// A tile that is only in shared memory, as a fragment.
Value KernelConverter::readBack(Value tile, FragmentType type) {
  auto maps = b.getAffineMapArrayAttr({b.getMultiDimIdentityMap(type.getShape().size())});
  auto op = MapOp::create(b, tile.getLoc(), type, ValueRange{sharedOf(tile)}, maps, /*deferred=*/false);
  OpBuilder::InsertionGuard guard(b);
  Block *body = b.createBlock(&op.getBody(), {}, {type.getElementType()}, {tile.getLoc()});
  YieldOp::create(b, tile.getLoc(), body->getArgument(0));
  return op.getResult();
}

//===--- Elementwise work ---===//

/// A tile is computed where it is used if that is one contraction's rows, or a move to shared memory.
bool KernelConverter::isDeferred(linalg::GenericOp op) {
  Value result = op.getResult(0);
  // Weights are complete before they are put: loads for one block do not wait for stores of the block before. Rows that are packed
  // ahead hide behind other products.
  if (!isa<MmaAttr>(fragmentType(result).getLayout()) || weightBuffers.count(result) || packedAhead.contains(result))
    return false;
  int64_t asFragment = 0;
  for (OpOperand &use : result.getUses()) {
    if (isa<tile::GuardOp>(use.getOwner()))
      return false;
    if (!types.readsAsFragment(use))
      continue;
    if (++asFragment > 1 || use.getOwner()->getBlock() != op->getBlock() || !isa<linalg::ContractOp>(use.getOwner()) ||
        use.getOperandNumber() == 2)
      return false;
  }
  return true;
}

static bool isCountOfResets(Value tile) {
  if (auto sums = tile.getDefiningOp<tile::CumsumOp>())
    return tile == sums.getResets();
  auto lag = tile.getDefiningOp<tile::LagOp>();
  return lag && tile == lag.getResets();
}

/// Whether work after the guard reads x once more from shared memory, where it has to stay until the state is complete: in registers it
/// would be live across the products.
bool KernelConverter::readsAgain(linalg::GenericOp op, Value x) {
  if (!part || packedAhead.contains(op.getResult(0)))
    return false;
  bool afterGuard = false, beforeSinceReset = false;
  for (Operation *other : x.getUsers()) {
    if (other->getBlock() != op->getBlock())
      continue;
    afterGuard |= isa<tile::GuardOp>(other) && other->isBeforeInBlock(op);
    beforeSinceReset |= isa<tile::SinceResetOp>(other) && op->isBeforeInBlock(other);
  }
  return afterGuard && beforeSinceReset;
}

LogicalResult KernelConverter::convert(linalg::GenericOp op) {
  FragmentType type = fragmentType(op.getResult(0));
  SmallVector<int64_t> ascending;
  SmallVector<Value> inputs;
  SmallVector<AffineMap> maps;
  SmallVector<std::pair<BlockArgument, Value>> arguments;
  IRMapping body = map;
  SmallVector<std::pair<BlockArgument, FloatAttr>> constants;
  for (OpOperand &operand : op->getOpOperands()) {
    BlockArgument arg = op.getMatchingBlockArgument(&operand);
    Value value = operand.get();
    if (arg.use_empty())
      continue;
    if (!isTile(value)) {
      body.map(arg, map.lookupOrDefault(value));
      continue;
    }
    if (std::optional<FloatAttr> splat = splatOf(value)) {
      constants.push_back({arg, *splat});
      continue;
    }
    AffineMap indexing = op.getMatchingIndexingMap(&operand);
    Value fragment = fragmentOf(value);
    bool local = fragment && agrees(::cast<FragmentType>(fragment.getType()), indexing, type) && !readsAgain(op, value);
    if (isCountOfResets(value) && !local)
      ascending.push_back(inputs.size());
    inputs.push_back(local ? fragment : sharedOf(value));
    maps.push_back(indexing);
    arguments.push_back({arg, Value()});
  }
  auto mapOp = MapOp::create(b, op.getLoc(), type, inputs, b.getAffineMapArrayAttr(maps), isDeferred(op), ascending);
  {
    OpBuilder::InsertionGuard guard(b);
    SmallVector<Type> types = llvm::map_to_vector(arguments, [](auto &pair) { return pair.first.getType(); });
    Block *block = b.createBlock(&mapOp.getBody(), {}, types, SmallVector<Location>(types.size(), op.getLoc()));
    for (auto [pair, arg] : llvm::zip(arguments, block->getArguments()))
      body.map(pair.first, arg);
    for (auto [arg, splat] : constants)
      body.map(arg, arith::ConstantOp::create(b, op.getLoc(), splat));
    for (Operation &inner : op.getBody()->without_terminator()) {
      if (auto position = dyn_cast<linalg::IndexOp>(inner))
        body.map(position.getResult(), IndexOp::create(b, inner.getLoc(), b.getIndexType(), position.getDim()).getResult());
      else
        b.clone(inner, body);
    }
    YieldOp::create(b, op.getLoc(), body.lookupOrDefault(op.getBody()->getTerminator()->getOperand(0)));
  }
  fragments[op.getResult(0)] = mapOp.getResult();
  return success();
}

LogicalResult KernelConverter::convert(linalg::ContractOp op) {
  FailureOr<ContractRoles> roles = rolesOf(op);
  if (failed(roles))
    return failure();
  FragmentType type = fragmentType(op->getResult(0));
  Value rhs = sharedOf(roles->rhs);
  Value lhs = types.staysInRegisters(roles->lhs, op) ? fragmentOf(roles->lhs) : sharedOf(roles->lhs);
  Value init = fragmentOf(roles->init, type);
  auto maps = b.getAffineMapArrayAttr({roles->lhsMap, roles->rhsMap, roles->outMap});
  if (part) {
    Value product = WgmmaOp::create(b, op.getLoc(), type, lhs, rhs, init, maps);
    underWay.push_back({op->getResult(0), product});
    fragments[op->getResult(0)] = product;
    return success();
  }
  bool tf32 = op->hasAttr(tile::TileDialect::Tf32AttrHelper::getNameStr());
  fragments[op->getResult(0)] = ContractOp::create(b, op.getLoc(), type, lhs, rhs, init, maps, tf32).getResult();
  return success();
}

LogicalResult KernelConverter::convert(tile::CumsumOp op) {
  Value input = fragmentOf(op.getInput(), fragmentType(op.getSums()));
  auto sum = CumsumOp::create(b, op.getLoc(), input.getType(), input.getType(), input);
  for (auto [old, fresh] : llvm::zip(op.getResults(), sum.getResults()))
    fragments[old] = fresh;
  return success();
}

LogicalResult KernelConverter::convert(tile::LagOp op) {
  FragmentType type = fragmentType(op.getLag());
  Value input = fragmentOf(op.getInput(), type), before = fragmentOf(op.getBefore(), type), low = fragmentOf(op.getBeforeLow(), type);
  auto lag = LagOp::create(b, op.getLoc(), input, before, low);
  for (auto [old, fresh] : llvm::zip(op.getResults(), lag.getResults()))
    fragments[old] = fresh;
  return success();
}

/// A buffer for a tile that is computed into shared memory.
static Value allocTile(OpBuilder &b, Value tile) {
  auto type = tileType(tile);
  return AllocOp::create(b, tile.getLoc(), SharedType::get(b.getContext(), type.getShape(), type.getElementType(), -1, 1, /*panel=*/0),
                         int64_t(-1));
}

LogicalResult KernelConverter::convert(tile::SpansOp op) {
  Value input = sharedOf(op.getInput());
  SpansOp::create(b, op.getLoc(), input, shared[op.getSpans()] = allocTile(b, op.getSpans()), op.getBlock(), op.getAnchor(), op.getPre());
  return success();
}

// Threads go along p: their columns of sums lie side by side then.
LogicalResult KernelConverter::convert(tile::SolveOp op) {
  int64_t tokens = tileType(op.getResult()).getDimSize(0);
  if (tokens % 16 != 0)
    return op.emitOpError("expected tokens that are a multiple of 16, got ") << tokens;
  Value matrix = sharedOf(op.getMatrix()), sums = fragmentOf(op.getSums(), fragmentType(op.getSums()));
  Value columns = put(sums, {0, 2, 1}, /*swizzle=*/-1);
  SolveOp::create(b, op.getLoc(), matrix, columns, shared[op.getResult()] = allocTile(b, op.getResult()));
  return success();
}

//===--- Values that are not finite ---===//

/// Whether the warp has rows of x that are not finite, asked right after x is there: known for the sums if those of the product have the
/// same rows.
Value KernelConverter::anyNotFinite(tile::GuardOp op, Value x) {
  bool sameRows = llvm::any_of(op.getFinite().getUsers(), [&](Operation *user) {
    auto product = dyn_cast<linalg::ContractOp>(user);
    return product && product->getOperand(2) == op.getGuarded() && types.staysInRegisters(op.getFinite(), product);
  });
  if (!sameRows)
    return arith::ConstantOp::create(b, op.getLoc(), b.getBoolAttr(true)); // no other way to know
  OpBuilder::InsertionGuard guard(b);
  if (Operation *def = x.getDefiningOp(); def && def->getBlock() == b.getInsertionBlock())
    b.setInsertionPointAfter(def);
  return NotFiniteOp::create(b, op.getLoc(), b.getI1Type(), x);
}

LogicalResult KernelConverter::convert(tile::GuardOp op) {
  FragmentType rows = fragmentType(op.getFinite()), type = fragmentType(op.getGuarded());
  Value x = fragmentOf(op.getX(), rows), sums = fragmentOf(op.getSums(), type);
  if (x.getType() != rows) // as the product wants its rows
    x = readBack(op.getX(), rows);
  Value resets = op.getResets() ? sharedOf(op.getResets()) : Value(), any = anyNotFinite(op, x);
  auto guard = GuardOp::create(b, op.getLoc(), rows, type, x, sums, sharedOf(op.getX()), resets, any, op.getPre());
  fragments[op.getFinite()] = guard.getFinite();
  fragments[op.getGuarded()] = guard.getGuarded();
  return success();
}

LogicalResult KernelConverter::convert(tile::SinceResetOp op) {
  FragmentType type = fragmentType(op.getResult());
  Value state = fragmentOf(op.getState(), type), x = sharedOf(op.getX()), scale = sharedOf(op.getScale());
  fragments[op.getResult()] =
      SinceResetOp::create(b, op.getLoc(), type, state, x, scale, sharedOf(op.getB()), sharedOf(op.getResets())).getResult();
  return success();
}

//===--- Token by token ---===//

LogicalResult KernelConverter::convert(tile::ScanOp op) {
  FragmentType state = fragmentType(op.getState());
  auto x = tileType(op.getX());
  int64_t heads = state.getShape()[0], n = state.getShape()[1], rows = heads * n, warps = dest.getThreads() / 32;
  // The rows of a warp lie in one head, or whole heads in one warp.
  int64_t perWarp = (rows + warps - 1) / warps;
  bool ok = perWarp % n == 0 || n % perWarp == 0;
  if (!ok)
    return op.emitOpError("expected ") << rows << " state rows to divide evenly over " << warps << " warps; change warps";
  int64_t shares = perWarp >= n ? 1 : n / perWarp;
  SmallVector<int64_t> shape{shares};
  llvm::append_range(shape, x.getShape());
  Value decay = op.getDecay() ? sharedOf(op.getDecay()) : Value();
  Value xs = sharedOf(op.getX()), bs = sharedOf(op.getB()), cs = sharedOf(op.getC());
  Value l = op.getL() ? sharedOf(op.getL()) : Value(), r = op.getR() ? sharedOf(op.getR()) : Value();
  Value init = fragmentOf(op.getInit(), state);
  auto alloc = [&](ArrayRef<int64_t> shape) -> Value {
    return AllocOp::create(b, op.getLoc(), SharedType::get(b.getContext(), shape, b.getF32Type(), -1, 1, /*panel=*/0), int64_t(-1));
  };
  Value partials = alloc(shape), exchange = l && shares > 1 ? alloc({2, shares, heads, x.getDimSize(2)}) : Value();
  auto scan = ScanOp::create(b, op.getLoc(), state, decay, xs, bs, cs, l, r, init, partials, exchange, op.getAssociative(), op.getPre());
  fragments[op.getState()] = scan.getState();
  fragments[op.getY()] = sumShares(op.getY(), partials, shares);
  return success();
}

/// y[q, h, p] = sum over shares of partials[share, q, h, p]
Value KernelConverter::sumShares(Value y, Value partials, int64_t shares) {
  Location loc = y.getLoc();
  SmallVector<AffineMap> maps;
  for (int64_t share = 0; share < shares; ++share) {
    SmallVector<AffineExpr> exprs{b.getAffineConstantExpr(share)};
    for (unsigned d = 0; d < 3; ++d)
      exprs.push_back(b.getAffineDimExpr(d));
    maps.push_back(AffineMap::get(3, 0, exprs, b.getContext()));
  }
  auto op = MapOp::create(b, loc, fragmentType(y), SmallVector<Value>(shares, partials), b.getAffineMapArrayAttr(maps),
                          /*deferred=*/false);
  OpBuilder::InsertionGuard guard(b);
  Block *body = b.createBlock(&op.getBody(), {}, SmallVector<Type>(shares, b.getF32Type()), SmallVector<Location>(shares, loc));
  Value sum = body->getArgument(0);
  for (BlockArgument arg : body->getArguments().drop_front())
    sum = arith::AddFOp::create(b, loc, sum, arg);
  YieldOp::create(b, loc, sum);
  return op.getResult();
}

//===--- Control ---===//

LogicalResult KernelConverter::convert(scf::IfOp op) {
  awaitProducts(); // a wait inside would be of one branch only
  SmallVector<Type> types;
  for (Value result : op.getResults())
    types.push_back(isTile(result) ? Type(fragmentType(result)) : result.getType());
  auto branch = scf::IfOp::create(b, op.getLoc(), types, map.lookupOrDefault(op.getCondition()),
                                  /*addThenBlock=*/true, /*addElseBlock=*/bool(op.elseBlock()));
  for (auto [from, to] : {std::pair{op.thenBlock(), branch.thenBlock()}, {op.elseBlock(), branch.elseBlock()}}) {
    if (!from)
      continue;
    OpBuilder::InsertionGuard guard(b);
    if (!to->empty())
      to->back().erase();
    b.setInsertionPointToEnd(to);
    auto savedFragments = fragments, savedShared = shared;
    if (failed(convertBlock(*from)))
      return failure();
    SmallVector<Value> yields;
    for (auto [value, type] : llvm::zip(from->getTerminator()->getOperands(), types))
      yields.push_back(yielded(value, type));
    awaitProducts();
    scf::YieldOp::create(b, op.getLoc(), yields);
    fragments = savedFragments;
    shared = savedShared;
  }
  for (auto [old, fresh] : llvm::zip(op.getResults(), branch.getResults())) {
    if (isTile(old))
      fragments[old] = fresh;
    else
      map.map(old, fresh);
  }
  return success();
}

/// What a region yields: a scalar, or a fragment of the type that the op's result has.
Value KernelConverter::yielded(Value value, Type type) {
  if (!isTile(value))
    return map.lookupOrDefault(value);
  return fragmentOf(value, ::cast<FragmentType>(type));
}

LogicalResult KernelConverter::convertOp(Operation &op) {
  return llvm::TypeSwitch<Operation *, LogicalResult>(&op)
      .Case<tile::LoadOp, tile::StoreOp, tile::ScanOp, tile::CumsumOp, tile::LagOp, tile::SpansOp, tile::SolveOp, tile::GuardOp, tile::SinceResetOp, linalg::GenericOp,
            linalg::ContractOp, scf::ForOp, scf::IfOp>([&](auto typed) { return convert(typed); })
      .Case<tile::ReturnOp>([&](auto ret) {
        ReturnOp::create(b, ret.getLoc());
        return success();
      })
      .Case<tensor::EmptyOp, scf::YieldOp>([](auto) { return success(); })
      .Default([&](Operation *other) -> LogicalResult {
        if (other->getNumResults() == 1 && splatOf(other->getResult(0)))
          return success();
        bool scalar = other->getNumRegions() == 0 && llvm::none_of(other->getResults(), isTile) &&
                      (isa<arith::ArithDialect, math::MathDialect>(other->getDialect()) ||
                       isa<tile::BlocksOp, tile::ReleaseOp, tile::AcquireOp, tile::ReverseOp>(other));
        if (!scalar)
          return other->emitOpError("expected an operation of a tile program that has a GPU form");
        b.clone(*other, map);
        return success();
      });
}

LogicalResult KernelConverter::convertBlock(Block &block) {
  for (Operation &op : block)
    if (!chained.contains(&op) && failed(convertOp(op)))
      return failure();
  return success();
}

LogicalResult KernelConverter::run() {
  Block *entry = b.createBlock(&dest.getBody());
  for (BlockArgument arg : source.getBody().getArguments())
    map.map(arg, entry->addArgument(arg.getType(), arg.getLoc()));
  b.setInsertionPointToEnd(entry);
  bool roles = hasRoles();
  if (warpgroups > 0 && !roles)
    AwaitLaunchOp::create(b, source.getLoc());
  LogicalResult done = roles ? runWithRoles() : convertBlock(source.getBody().front());
  return failure(failed(done) || bad);
}
