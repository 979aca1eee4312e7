// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "OpConverter.h"

using namespace mlir;
using namespace mixc;
using namespace mixc::gpu;
using namespace mixc::gpu_tile;

AffineMap mixc::gpu::mapOfShare(AffineMap map, int64_t share) {
  SmallVector<AffineExpr> exprs{getAffineConstantExpr(share, map.getContext())};
  llvm::append_range(exprs, map.getResults());
  return AffineMap::get(map.getNumDims(), 0, exprs, map.getContext());
}

LogicalResult OpConverter::convert(tile::ScanOp op) {
  FragmentType state = values.fragmentType(op.getState());
  auto x = tileType(op.getX());
  int64_t heads = state.getShape()[0], n = state.getShape()[1], rows = heads * n, warps = workers.getWarps();
  // The rows of a warp lie in one head, or whole heads in one warp.
  int64_t perWarp = (rows + warps - 1) / warps;
  bool ok = perWarp % n == 0 || n % perWarp == 0;
  if (!ok)
    return op.emitOpError("expected ") << rows << " state rows to divide evenly over " << warps << " warps; change warps";
  int64_t shares = perWarp >= n ? 1 : n / perWarp;
  const int64_t sums = op.getAcross() ? 1 : shares;
  SmallVector<int64_t> shape{sums};
  llvm::append_range(shape, tileType(op.getY()).getShape());
  auto entriesOf = [&](Value tile) -> Value {
    auto generic = tile ? tile.getDefiningOp<linalg::GenericOp>() : linalg::GenericOp();
    return !tile ? Value() : generic && feedsScans(generic) ? values.fragmentOf(tile) : values.sharedOf(tile);
  };
  Value decay = entriesOf(op.getDecay()), excess = entriesOf(op.getExcess()), xs = values.sharedOf(op.getX());
  Value bs = entriesOf(op.getB()), cs = entriesOf(op.getC()), l = entriesOf(op.getL()), r = entriesOf(op.getR());
  Value init = values.fragmentOf(op.getInit(), state);
  auto alloc = [&](ArrayRef<int64_t> shape) -> Value {
    return AllocOp::create(b, op.getLoc(), SharedType::get(b.getContext(), shape, b.getF32Type(), -1, 1, /*panel=*/0), int64_t(-1));
  };
  Value partials = alloc(shape), exchange = r && shares > 1 ? alloc({2, shares, heads, x.getDimSize(2)}) : Value();
  auto scan = ScanOp::create(b, op.getLoc(), state, decay, excess, xs, bs, cs, l, r, init, partials, exchange, op.getAssociative(),
                             op.getPre(), op.getAcross());
  values.bind(op.getState(), scan.getState());
  values.bind(op.getY(), sumShares(op.getY(), partials));
  return success();
}

/// y[..] = sum over shares of partials[share, ..]
Value OpConverter::sumShares(Value y, Value partials) {
  Location loc = y.getLoc();
  const int64_t shares = cast<SharedType>(partials.getType()).getShape().front();
  SmallVector<AffineMap> maps;
  for (int64_t share = 0; share < shares; ++share)
    maps.push_back(mapOfShare(b.getMultiDimIdentityMap(tileType(y).getRank()), share));
  auto op = MapOp::create(b, loc, values.fragmentType(y), SmallVector<Value>(shares, partials), b.getAffineMapArrayAttr(maps),
                          /*deferred=*/false);
  OpBuilder::InsertionGuard guard(b);
  Block *body = b.createBlock(&op.getBody(), {}, SmallVector<Type>(shares, b.getF32Type()), SmallVector<Location>(shares, loc));
  Value sum = body->getArgument(0);
  for (BlockArgument arg : body->getArguments().drop_front())
    sum = arith::AddFOp::create(b, loc, sum, arg);
  YieldOp::create(b, loc, sum);
  return op.getResult();
}
