// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Placement.h"
#include "Sums.h"
#include "mlir/Dialect/Linalg/Utils/Utils.h"

using namespace mlir;
using namespace mixc;
using namespace mixc::gpu;
using gpu_tile::ColumnsAttr;
using gpu_tile::LanesAttr;
using gpu_tile::LinearAttr;
using gpu_tile::MmaAttr;

static constexpr int64_t kSmallTile = 1024;

static RankedTensorType tileType(Value tile) { return cast<RankedTensorType>(tile.getType()); }

std::optional<FloatAttr> mixc::gpu::splatOf(Value tile) {
  if (tile.getDefiningOp<tensor::EmptyOp>())
    return FloatAttr::get(tileType(tile).getElementType(), 0.0);
  auto constant = tile.getDefiningOp<arith::ConstantOp>();
  auto dense = constant ? dyn_cast<DenseFPElementsAttr>(constant.getValue()) : nullptr;
  if (!dense || !dense.isSplat())
    return std::nullopt;
  return dense.getSplatValue<FloatAttr>();
}

bool mixc::gpu::feedsScans(linalg::GenericOp op) {
  return tileType(op.getResult(0)).getRank() == 4 && !op->use_empty() &&
         llvm::all_of(op->getUsers(), [&](Operation *user) { return isa<tile::ScanOp>(user) && user->getBlock() == op->getBlock(); });
}

//===--- Contractions ---===//

FailureOr<ContractRoles> mixc::gpu::rolesOf(linalg::ContractOp op) {
  SmallVector<AffineMap> maps = op.getIndexingMapsArray();
  SmallVector<int64_t> dims[3];
  for (int i = 0; i < 3; ++i)
    for (AffineExpr expr : maps[i].getResults()) // plain dimensions: the op's verifier takes projected permutations only
      dims[i].push_back(cast<AffineDimExpr>(expr).getPosition());
  auto has = [&](int operand, int64_t d) { return llvm::is_contained(dims[operand], d); };
  // The operand that owns the first dimension of the result that is not a batch dimension supplies the rows.
  int lhs = 0;
  for (int64_t d : dims[2])
    if (has(0, d) != has(1, d)) {
      lhs = has(0, d) ? 0 : 1;
      break;
    }
  int rhs = 1 - lhs;
  ContractRoles roles{op->getOperand(lhs), op->getOperand(rhs), op->getOperand(2), maps[lhs], maps[rhs], maps[2]};
  for (bool batch : {true, false})
    for (auto [i, d] : llvm::enumerate(dims[2]))
      if (has(lhs, d) && has(rhs, d) == batch) {
        roles.rows.push_back(i);
        roles.lhsRows.push_back(llvm::find(dims[lhs], d) - dims[lhs].begin());
      }
  for (auto [i, d] : llvm::enumerate(dims[2]))
    if (!has(lhs, d))
      roles.cols.push_back(i);
  int64_t contracted = 0;
  for (auto [i, d] : llvm::enumerate(dims[lhs]))
    if (!has(2, d)) {
      roles.lhsK = i;
      ++contracted;
    }
  if (contracted != 1 || roles.rows.empty() || roles.cols.empty())
    return op.emitOpError("expected one contracted dimension, rows and columns, got ")
           << contracted << " contracted, " << roles.rows.size() << " row and " << roles.cols.size() << " column dimensions";
  return roles;
}

Placement::Placement(tile::KernelOp kernel, int64_t warps) : kernel(kernel), warps(warps), inPieces(hasSums(kernel, warps)) {}

//===--- Groups of tiles that share a layout ---===//

bool Placement::hasGroup(Value tile) const { return isa<RankedTensorType>(tile.getType()) && !staged.contains(tile) && !splatOf(tile); }

int Placement::find(Value tile) {
  auto [it, fresh] = ids.try_emplace(tile, parents.size());
  if (fresh) {
    parents.push_back(parents.size());
    groups.emplace_back();
    members.push_back(tile);
  }
  int id = it->second;
  while (parents[id] != id)
    id = parents[id];
  return id;
}

void Placement::unite(Value a, Value b) {
  if (hasGroup(a) && hasGroup(b))
    parents[find(a)] = find(b);
}

bool Placement::isSmall(Value tile) const { return tileType(tile).getNumElements() <= kSmallTile; }

/// Whether spans are made of the tile: one for each chunk, which is fetched ahead.
static bool feedsSpans(Value tile) {
  return llvm::any_of(tile.getUsers(), [](Operation *user) {
    return isa<linalg::GenericOp>(user) && llvm::any_of(user->getUsers(), llvm::IsaPred<tile::SpansOp>);
  });
}

void Placement::stageLoads() {
  kernel.walk([&](tile::LoadOp load) {
    Value tile = load.getTile();
    Type element = cast<MemRefType>(load.getSource().getType()).getElementType();
    if (element != tileType(tile).getElementType())
      return;
    bool direct = element.isF32() && !feedsSpans(tile);
    for (OpOperand &use : tile.getUses()) {
      if ((isa<linalg::ContractOp>(use.getOwner()) && use.getOperandNumber() < 2) || isa<tile::GuardOp>(use.getOwner())) {
        staged.insert(tile);
        return;
      }
      if (auto scan = dyn_cast<tile::ScanOp>(use.getOwner()))
        direct &= use.get() == scan.getInit();
      if (auto generic = dyn_cast<linalg::GenericOp>(use.getOwner()))
        direct &= generic.getMatchingIndexingMap(&use).isIdentity();
    }
    if (!isSmall(tile) && !direct)
      staged.insert(tile);
  });
  kernel.walk([&](Operation *op) { // their threads leave them there
    if (auto spans = dyn_cast<tile::SpansOp>(op); isa<tile::SolveOp>(op) || (spans && !isInColumns(spans)))
      staged.insert(op->getResult(0));
    else if (auto generic = dyn_cast<linalg::GenericOp>(op);
             generic && isSum(generic, warps) && !gpu_tile::sumsRows(generic.getStaticLoopRanges(), summedDims(generic)))
      staged.insert(generic.getResult(0));
  });
}

/// Whether threads have the columns of the spans, with all tokens of each, in their registers, and few threads have none.
bool Placement::isInColumns(tile::SpansOp op) const {
  constexpr int64_t kMostTokens = 16;
  auto type = tileType(op.getInput());
  return type.getDimSize(0) <= kMostTokens && type.getDimSize(1) % 32 == 0 && 2 * type.getDimSize(1) >= 32 * warps &&
         hasGroup(op.getInput());
}

void Placement::seedColumns() {
  kernel.walk([&](tile::SpansOp op) {
    if (isInColumns(op))
      for (Value tile : {op.getInput(), op.getSpans()})
        groups[find(tile)].layout = ColumnsAttr::get(op.getContext());
  });
}

/// The tiles of an op that runs along rows, which lie alike; none of other ops.
static SmallVector<Value> rowTiles(Operation *op) {
  if (!isa<tile::CumsumOp, tile::LagOp, tile::RunningSumOp, tile::RunningMaxOp>(op))
    return {};
  SmallVector<Value> tiles(op->getOperands());
  llvm::append_range(tiles, op->getResults());
  return tiles;
}

void Placement::uniteTiles() {
  kernel.walk([&](Operation *op) {
    if (auto loop = dyn_cast<scf::ForOp>(op)) {
      for (auto [init, arg, yielded, result] :
           llvm::zip(loop.getInitArgs(), loop.getRegionIterArgs(), loop.getYieldedValues(), loop.getResults()))
        for (Value other : {init, yielded, Value(result)})
          unite(other, arg);
    } else if (auto branch = dyn_cast<scf::IfOp>(op)) {
      for (auto [i, result] : llvm::enumerate(branch.getResults()))
        for (scf::YieldOp yield : {branch.thenYield(), branch.elseYield()})
          unite(yield.getOperand(i), result);
    } else if (auto contract = dyn_cast<linalg::ContractOp>(op)) {
      unite(contract->getOperand(2), contract->getResult(0));
    } else if (auto generic = dyn_cast<linalg::GenericOp>(op)) {
      for (OpOperand *input : generic.getDpsInputOperands())
        if (generic.getMatchingIndexingMap(input).isIdentity() && generic.getNumResults() == 1 && generic.getNumReductionLoops() == 0)
          unite(input->get(), generic.getResult(0));
    } else if (SmallVector<Value> tiles = rowTiles(op); !tiles.empty()) {
      for (Value tile : tiles)
        unite(tile, op->getOperand(0));
    } else if (auto guard = dyn_cast<tile::GuardOp>(op)) {
      unite(guard.getGuarded(), guard.getSums());
    } else if (auto since = dyn_cast<tile::SinceResetOp>(op)) {
      unite(since.getResult(), since.getState());
    } else if (auto scan = dyn_cast<tile::ScanOp>(op)) {
      unite(scan.getState(), scan.getInit());
    }
    for (Value result : op->getResults())
      if (hasGroup(result))
        find(result);
  });
}

//===--- Layouts ---===//

void Placement::seedLanes() {
  kernel.walk([&](Operation *op) {
    for (Value tile : rowTiles(op))
      if (hasGroup(tile))
        groups[find(tile)].layout = LanesAttr::get(op->getContext(), tileType(tile).getRank() - 1);
    if (auto scan = dyn_cast<tile::ScanOp>(op))
      groups[find(scan.getState())].layout = LanesAttr::get(op->getContext(), 2);
  });
}

LogicalResult Placement::seedContractions() {
  WalkResult walk = kernel.walk([&](linalg::ContractOp op) -> WalkResult {
    FailureOr<ContractRoles> found = rolesOf(op);
    if (failed(found))
      return WalkResult::interrupt();
    roles[op] = *found;
    auto type = tileType(op->getResult(0));
    auto layout = MmaAttr::get(op.getContext(), {}, found->rows, found->cols, 1, 1);
    std::string problem = gpu_tile::layoutProblem(layout, type.getShape());
    if (!problem.empty())
      return op.emitOpError(problem);
    Group &group = groups[find(op->getResult(0))];
    if (group.layout && group.layout != layout)
      return op.emitOpError("expected its result to be laid out like the tiles that it is combined with");
    group.layout = layout;
    return WalkResult::advance();
  });
  return failure(walk.wasInterrupted());
}

/// Whether a guard takes or gives the tile: in registers, as the product's rows.
static bool isGuarded(Value tile) {
  return tile.getDefiningOp<tile::GuardOp>() || llvm::any_of(tile.getUsers(), llvm::IsaPred<tile::GuardOp>);
}

/// Rows of a contraction that are computed stay in registers, unless the same tile also supplies columns.
void Placement::seedOperands() {
  kernel.walk([&](linalg::ContractOp op) {
    const ContractRoles &role = roles[op];
    if (!hasGroup(role.lhs) || tileType(role.lhs).getShape()[role.lhsK] % 16 != 0)
      return;
    // With one block of rows, all warps would compute the same elements.
    auto type = tileType(role.lhs);
    if (type.getRank() == 2 && !isGuarded(role.lhs) && gpu_tile::product(type.getShape(), role.lhsRows) <= 16 && warps > 1)
      return;
    for (OpOperand &use : role.lhs.getUses())
      if (auto other = dyn_cast<linalg::ContractOp>(use.getOwner()))
        if (use.getOperandNumber() < 2 && roles[other].rhs == role.lhs)
          return;
    auto layout = MmaAttr::get(op.getContext(), {}, role.lhsRows, {role.lhsK}, 1, 1);
    Group &group = groups[find(role.lhs)];
    if (!group.layout)
      group.layout = layout;
    if (group.layout != layout)
      return;
    group.oneColumnPart = true;
    groups[find(op->getResult(0))].oneColumnPart = true;
  });
}

bool Placement::feedsContraction(Value tile) const {
  for (OpOperand &use : tile.getUses()) {
    if (isa<linalg::ContractOp>(use.getOwner()))
      return true;
    if (auto generic = dyn_cast<linalg::GenericOp>(use.getOwner()))
      if (!isSmall(generic.getResult(0)) && feedsContraction(generic.getResult(0)))
        return true;
  }
  return false;
}

Attribute Placement::defaultLayout(Value tile) const {
  MLIRContext *context = tile.getContext();
  ArrayRef<int64_t> shape = tileType(tile).getShape();
  int64_t rank = shape.size();
  if (gpu_tile::PiecesAttr pieces = inPieces ? piecesFor(tileType(tile)) : nullptr)
    return pieces;
  if (feedsContraction(tile) && !isSmall(tile) && shape.back() % 16 == 0) {
    int64_t row = -1;
    for (int64_t d = 0; d + 1 < rank && row < 0; ++d)
      if (shape[d] % 16 == 0)
        row = d;
    SmallVector<int64_t> outer;
    for (int64_t d = 0; d + 1 < rank; ++d)
      if (d != row)
        outer.push_back(d);
    if (row >= 0)
      return MmaAttr::get(context, outer, {row}, {rank - 1}, 1, 1);
  }
  int64_t rows = rank, lanes = 1;
  while (rows > 0 && lanes < 16)
    lanes *= shape[--rows];
  if (rows == 0)
    return LinearAttr::get(context);
  return LanesAttr::get(context, rows);
}

/// Whether the last dimension of the operand is that of the result.
static bool sharesColumns(linalg::GenericOp generic, OpOperand *input) {
  AffineMap map = generic.getMatchingIndexingMap(input);
  ArrayRef<int64_t> shape = cast<RankedTensorType>(generic.getResult(0).getType()).getShape();
  if (map.getNumResults() == 0 || shape.empty())
    return false;
  auto dim = dyn_cast<AffineDimExpr>(map.getResults().back());
  return dim && dim.getPosition() + 1 == shape.size() && cast<RankedTensorType>(input->get().getType()).getShape().back() == shape.back();
}

/// What columns are computed from, and what is computed from them, is in columns as well.
void Placement::inheritColumns() {
  auto layoutOfGroup = [&](Value tile) -> Attribute & { return groups[find(tile)].layout; };
  SmallVector<linalg::GenericOp> generics;
  kernel.walk<WalkOrder::PreOrder>([&](linalg::GenericOp generic) { generics.push_back(generic); });
  auto spread = [&](linalg::GenericOp generic, bool forwards) {
    for (OpOperand *input : generic.getDpsInputOperands()) {
      if (generic.getNumResults() != 1 || !hasGroup(input->get()) || !sharesColumns(generic, input))
        continue;
      Attribute &from = layoutOfGroup(forwards ? input->get() : generic.getResult(0));
      Attribute &to = layoutOfGroup(forwards ? generic.getResult(0) : input->get());
      if (isa_and_nonnull<ColumnsAttr>(from) && !to)
        to = from;
    }
  };
  for (linalg::GenericOp generic : generics)
    spread(generic, /*forwards=*/true);
  for (linalg::GenericOp generic : llvm::reverse(generics))
    spread(generic, /*forwards=*/false);
}

/// What is computed from a fragment without its own layout takes over the fragment's rows and columns.
static Attribute inherited(linalg::GenericOp generic, OpOperand *input, MmaAttr from) {
  AffineMap map = generic.getMatchingIndexingMap(input);
  auto carry = [&](ArrayRef<int64_t> dims, SmallVectorImpl<int64_t> &to) {
    for (int64_t d : dims) {
      auto dim = dyn_cast<AffineDimExpr>(map.getResult(d));
      if (!dim)
        return false;
      to.push_back(dim.getPosition());
    }
    return true;
  };
  auto isFixed = [&](int64_t d) { return isa<AffineConstantExpr>(map.getResult(d)); };
  ArrayRef<int64_t> columns = from.getCols();
  while (from.getWarpCols() == 1 && columns.size() > 1 && isFixed(columns.front())) // one of several products side by side
    columns = columns.drop_front();
  SmallVector<int64_t> rows, cols, outer;
  if (!carry(from.getRows(), rows) || !carry(columns, cols))
    return {};
  for (int64_t d = 0; d < int64_t(map.getNumDims()); ++d)
    if (!llvm::is_contained(rows, d) && !llvm::is_contained(cols, d))
      outer.push_back(d);
  return MmaAttr::get(from.getContext(), outer, rows, cols, from.getWarpRows(), from.getWarpCols());
}

void Placement::inherit() {
  inheritColumns();
  kernel.walk<WalkOrder::PreOrder>([&](linalg::GenericOp generic) {
    Group &group = groups[find(generic.getResult(0))];
    if (group.layout)
      return;
    for (OpOperand *input : generic.getDpsInputOperands()) {
      if (!hasGroup(input->get()))
        continue;
      auto from = dyn_cast_or_null<MmaAttr>(groups[find(input->get())].layout);
      if (!from)
        continue;
      Attribute layout = inherited(generic, input, from);
      if (layout && gpu_tile::layoutProblem(layout, tileType(generic.getResult(0)).getShape()).empty()) {
        group.layout = layout;
        group.oneColumnPart = groups[find(input->get())].oneColumnPart;
        return;
      }
    }
  });
  for (Value tile : members) {
    Group &group = groups[find(tile)];
    if (!group.layout)
      group.layout = defaultLayout(tile);
  }
}

void Placement::setWarps() {
  for (Value tile : members) {
    Group &group = groups[find(tile)];
    auto mma = dyn_cast_or_null<MmaAttr>(group.layout);
    if (!mma || mma.getWarpRows() > 1 || mma.getWarpCols() > 1)
      continue;
    ArrayRef<int64_t> shape = tileType(tile).getShape();
    int64_t rows = std::min(warps, gpu_tile::rowBlocks(mma, shape)), cols = 1;
    int64_t colBlocks = gpu_tile::product(shape, mma.getCols()) / 16;
    while (!group.oneColumnPart && 2 * cols * rows <= warps && colBlocks % (2 * cols) == 0)
      cols *= 2;
    group.layout = MmaAttr::get(mma.getContext(), mma.getOuter(), mma.getRows(), mma.getCols(), rows, cols);
  }
}

Attribute Placement::layoutOf(Value tile) const {
  auto it = ids.find(tile);
  if (it == ids.end())
    return {};
  int id = it->second;
  while (parents[id] != id)
    id = parents[id];
  return groups[id].layout;
}

/// Whether lanes go over a dimension of the operand that is not its last: they meet in a bank unless rows are permuted.
static bool isReadAcross(OpOperand &use, linalg::GenericOp op) {
  AffineMap map = op.getMatchingIndexingMap(&use);
  AffineExpr lanes = getAffineDimExpr(op.getNumLoops() - 1, op.getContext());
  return llvm::is_contained(map.getResults().drop_back(), lanes);
}

int64_t Placement::swizzleOf(Value tile) const {
  auto type = tileType(tile);
  if (type.getRank() < 2)
    return -1;
  int64_t row = isSmall(tile) ? -1 : 0;
  SmallVector<OpOperand *> uses = llvm::map_to_vector(tile.getUses(), [](OpOperand &use) { return &use; });
  for (OpOperand &use : tile.getUses()) // a product reads what it guards as its own rows
    if (auto guard = dyn_cast<tile::GuardOp>(use.getOwner()); guard && use.get() == guard.getX())
      for (OpOperand &guarded : guard.getFinite().getUses())
        uses.push_back(&guarded);
  for (OpOperand *use : uses) {
    if (isa<tile::ScanOp>(use->getOwner()))
      return -1;
    if (auto generic = dyn_cast<linalg::GenericOp>(use->getOwner()); generic && isReadAcross(*use, generic))
      row = 0;
    auto it = roles.find(use->getOwner());
    if (it == roles.end() || use->getOperandNumber() > 1)
      continue;
    const ContractRoles &role = it->second;
    bool isLhs = role.lhs == use->get();
    AffineMap map = isLhs ? role.lhsMap : role.rhsMap;
    unsigned k = cast<AffineDimExpr>(role.lhsMap.getResult(role.lhsK)).getPosition();
    // The matrix that is read has the contracted dimension and a dimension that only this operand has.
    AffineMap other = isLhs ? role.rhsMap : role.lhsMap;
    for (int64_t d = 0; d + 1 < type.getRank(); ++d) {
      unsigned dim = cast<AffineDimExpr>(map.getResult(d)).getPosition();
      if (dim == k || !other.isFunctionOfDim(dim))
        row = d;
    }
  }
  if (row < 0)
    return -1;
  int64_t bytes = type.getElementTypeBitWidth() / 8;
  for (int64_t size : type.getShape().drop_front(row + 1))
    bytes *= size;
  return bytes % 16 == 0 ? row : -1;
}

LogicalResult Placement::run() {
  stageLoads();
  uniteTiles();
  seedLanes();
  seedColumns();
  if (failed(seedContractions()))
    return failure();
  seedOperands();
  // Inheriting needs the contractions' warps; what inherits or defaults after that gets its own.
  setWarps();
  inherit();
  setWarps();
  return success();
}
