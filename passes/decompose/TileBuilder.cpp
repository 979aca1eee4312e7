// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "TileBuilder.h"
#include "mixc/passes/Family.h"
#include "llvm/Support/MathExtras.h"
#include <numeric>

using namespace mlir;

namespace mixc {

SmallVector<Axis> Tile::names() const {
  return llvm::map_to_vector(axes, [](const Use &use) { return use.axis; });
}

SmallVector<Axis> Tile::freeNames() const {
  SmallVector<Axis> names;
  for (const Use &use : axes)
    if (use.at < 0)
      names.push_back(use.axis);
  return names;
}

Tile Tile::at(Axis axis, int64_t index) const {
  Tile result = *this;
  for (Use &use : result.axes)
    if (use.axis == axis)
      use.at = index;
  return result;
}

Tile Tile::renamed(Axis from, Axis to) const {
  Tile result = *this;
  for (Use &use : result.axes)
    if (use.axis == from)
      use.axis = to;
  return result;
}

StringRef letterOf(Axis axis) {
  switch (axis) {
  case Axis::H:
    return "H";
  case Axis::T:
  case Axis::S:
  case Axis::D:
    return "T";
  case Axis::N:
    return "N";
  case Axis::P:
    return "P";
  case Axis::U:
    return "U";
  case Axis::L:
    return "halvings";
  case Axis::Handed:
    return "L";
  case Axis::One:
    return "1";
  case Axis::M:
    return "M";
  }
  llvm_unreachable("every axis has a letter");
}

//===--- PlanShape ---===//

/// Columns of a transition that a block computes at least, if there are so many.
static constexpr int64_t kTransitionColumns = 64;

PlanShape::PlanShape(mixer::SpecOp spec, mixer::AlgorithmAttr plan) {
  heads = plan.getHeads();
  updates = spec.getUpdates();
  chunk = plan.getChunk() * updates;
  handed = spec.getSize("L").value_or(1);
  n = spec.getSize("N").value_or(1);
  p = spec.getSize("P").value_or(1);
  allHeads = spec.getSize("H").value_or(1);
  headsOfOneGroup = spec.getHeadsOfOneGroup();
  for (char letter : mixer::kGroupDims)
    if (std::string dim(1, letter); spec.getSize(dim))
      headsPerGroup[letter] = allHeads / *spec.getSize(dim);
  hasBands = spec.getFree().has_value();
  for (char letter : mixer::kGroupDims)
    if (hasBands && !spec.isFree(StringRef(&letter, 1)))
      sharedGroups += letter;
  pblock = plan.getPblock() ? std::min(plan.getPblock(), p) : p;
  pblocks = llvm::divideCeil(p, pblock);
  headBlocks = llvm::divideCeil(allHeads, heads);
  operand = plan.getOperand();
  precision = plan.getPrecision();
  io = spec.getIoType();
  // The matrix units want multiples of 16; a scan multiplies elementwise and needs no padding of N.
  bool scan = plan.getAlgorithm() == mixer::Algorithm::Scan;
  keepsStates = spec.getKeepStates();
  oneToken = scan && !plan.getAssociative() && plan.getChunk() == 1;
  headsAsColumns = scan && !plan.getAssociative() && !oneToken && p == 1 && heads > 1 && updates == 1 && !spec.isReadAlongP();
  parts = plan.getParts();
  pieces = plan.getPieces();
  rowsOfProduct = familyOf(plan).rowsOfProduct();
  nTile = scan ? n : llvm::alignTo(n, 16);
  pTile = oneToken || (scan && p == 1) ? pblock : llvm::alignTo(pblock, rowsOfProduct);
  uTile = scan ? 1 : 16;
  factorsAhead = plan.getTeams() > 0;
}

PlanShape PlanShape::ofStates() const {
  constexpr int64_t kElements = 512; // what a kernel loads ahead of the iteration that needs it
  PlanShape shape = *this;
  int64_t columns = std::clamp<int64_t>(kElements / (heads * nTile), 1, pblock);
  while (pblock % columns != 0)
    --columns;
  shape.pblock = shape.pTile = columns;
  shape.pblocks = llvm::divideCeil(p, columns);
  shape.parts = 1; // work without tokens has nothing that parts could share
  return shape;
}

PlanShape PlanShape::ofTransitions(int64_t parts) const {
  PlanShape shape = *this;
  shape.parts = parts;
  // As many as the plan has columns of P, which its warps are made for.
  shape.mblock = std::min(nTile, std::max(pTile, kTransitionColumns));
  shape.mTile = llvm::alignTo(shape.mblock, rowsOfProduct);
  shape.mblocks = llvm::divideCeil(n, shape.mblock);
  shape.pblock = p; // what reads columns of P, reads all
  shape.pblocks = 1;
  // Parts have heads of their own where one head's columns are too few, and heads of one group.
  if (const int64_t headParts = parts / std::gcd(parts, shape.mblocks); headParts > 1 && (headsOfOneGroup / heads) % headParts)
    shape.mblocks = llvm::alignTo(shape.mblocks, parts);
  return shape;
}

/// Rows of a state that a product takes at once: as many as several warps can share, and few enough for tiles of a transition that are
/// loaded ahead.
static int64_t rowsAtOnce(int64_t n) {
  const int64_t most = n <= 128 ? 64 : 32;
  for (int64_t rows : {int64_t(64), int64_t(32)})
    if (rows <= most && n % rows == 0)
      return rows;
  return 16;
}

PlanShape PlanShape::ofJoins() const {
  PlanShape shape = *this;
  shape.pblock = std::min<int64_t>(p, 16);
  shape.pTile = 16;
  shape.pblocks = llvm::divideCeil(p, shape.pblock);
  shape.nTile = shape.mTile = rowsAtOnce(nTile);
  shape.parts = 1;
  return shape;
}

PlanShape PlanShape::ofRunning(mixer::TensorType type) const {
  PlanShape shape = *this;
  StringRef dim = type.getHeadDim();
  shape.allHeads = dim.empty() ? 1 : dim == "H" ? allHeads : allHeads / headsPerGroup.at(dim.front());
  shape.heads = shape.updates = shape.parts = shape.pieces = 1;
  shape.headBlocks = shape.allHeads;
  shape.hasBands = hasBands && !dim.empty() && !StringRef(sharedGroups).contains(dim);
  if (!dim.empty() && dim != "H") // the only ones that it depends on
    shape.headsPerGroup[dim.front()] = 1;
  shape.headsAsColumns = shape.oneToken = shape.factorsAhead = false;
  // A step along T has to wait for memory and for the warp that adds: the more tokens at once the better. With N, a tile of 32 tokens
  // fills the lanes of as many rows.
  // Where states are kept behind the plan's chunks, so are the running values.
  shape.chunk = keepsStates ? chunk / updates : type.hasDim("N") ? 32 : 256;
  shape.nTile = n;
  shape.pblock = shape.pTile = p;
  shape.pblocks = 1;
  return shape;
}

PlanShape PlanShape::ofHeadSums(int64_t headsOfBlock, StringRef letters, int64_t columns) const {
  // Elements of a tile, which fill a block's threads; few tokens, so that a short sequence takes few steps.
  constexpr int64_t kElements = 4096, kLeastTokens = 4, kMostTokens = 16, kMostHeads = 256;
  PlanShape shape = *this;
  int64_t together = headsOfBlock;
  for (auto [dim, heads] : headsPerGroup)
    if (letters.contains(dim))
      together = std::gcd(together, heads);
  shape.heads = std::clamp<int64_t>(kElements / (columns * kLeastTokens), 1, std::min(together, kMostHeads));
  while (together % shape.heads != 0)
    --shape.heads;
  shape.headBlocks = allHeads / headsOfBlock;
  shape.chunk = llvm::bit_floor<uint64_t>(std::clamp<int64_t>(kElements / (shape.heads * columns), 1, kMostTokens));
  shape.updates = shape.parts = shape.pieces = 1;
  shape.headsAsColumns = true; // tiles lie as tensors do
  shape.factorsAhead = false;
  shape.nTile = n;
  shape.pblock = shape.pTile = p;
  shape.pblocks = 1;
  return shape;
}

PlanShape PlanShape::ofCopies(StringRef letters, int64_t elements) const {
  constexpr int64_t kElements = 1024; // few for each thread: the kernels after it wait
  PlanShape shape = *this;
  int64_t together = allHeads;
  for (auto [dim, heads] : headsPerGroup)
    if (letters.contains(dim))
      together = std::gcd(together, heads);
  shape.heads = letters.contains('H') ? std::clamp<int64_t>(kElements / elements, 1, together) : together;
  while (together % shape.heads != 0)
    --shape.heads;
  shape.headBlocks = allHeads / shape.heads;
  shape.hasBands = hasBands && llvm::any_of(letters, [&](char dim) { return !StringRef(sharedGroups).contains(dim); });
  shape.updates = shape.parts = shape.pieces = 1;
  shape.headsAsColumns = true; // tiles lie as tensors do
  shape.oneToken = shape.factorsAhead = false;
  shape.nTile = n;
  shape.pblock = shape.pTile = p;
  shape.pblocks = 1;
  return shape;
}

PlanShape PlanShape::ofFlags() const {
  PlanShape shape = *this;
  shape.headBlocks = shape.pblocks = shape.mblocks = shape.parts = 1;
  return shape;
}

int64_t PlanShape::extent(Axis axis) const {
  switch (axis) {
  case Axis::H:
    return heads;
  case Axis::T:
  case Axis::S:
    return chunk;
  case Axis::N:
    return nTile;
  case Axis::P:
    return pTile;
  case Axis::U:
    return uTile;
  case Axis::L:
    return llvm::Log2_64_Ceil(chunk);
  case Axis::Handed:
    return handed;
  case Axis::One:
    return 1;
  case Axis::M:
    return mTile;
  case Axis::D:
    return 2 * chunk;
  }
  llvm_unreachable("every axis has an extent");
}

//===--- TileBuilder ---===//

TileBuilder::TileBuilder(tile::KernelOp kernel, const PlanShape &shape, const TensorRoles &tensors, int64_t parts, int64_t pieces,
                         bool reversed)
    : ImplicitLocOpBuilder(kernel.getLoc(), kernel.getContext()), shape(shape), kernel(kernel), tensors(tensors), reversed(reversed) {
  setInsertionPointToStart(&kernel.getBody().front());
  if (auto program = dyn_cast<tile::ProgramOp>(kernel->getParentOp()); program && program.getBands())
    bands = tile::BandsOp::create(*this, getIndexType());
  locateBlock(parts, pieces);
}

Value TileBuilder::index(int64_t value) { return arith::ConstantIndexOp::create(*this, value); }

Value TileBuilder::stepsOf(Value tokens) {
  return shape.updates == 1 ? tokens : arith::MulIOp::create(*this, tokens, index(shape.updates)).getResult();
}

Value TileBuilder::number(double value) { return arith::ConstantOp::create(*this, getF32FloatAttr(float(value))); }

Value TileBuilder::zeroUnless(Value condition, Value value) { return arith::SelectOp::create(*this, condition, value, number(0)); }

Value TileBuilder::isNotZero(Value value) { return arith::CmpFOp::create(*this, arith::CmpFPredicate::UNE, value, number(0)); }

// Units of heads and columns have the number headBlock * pblocks + pblock; block = (((batch * rows + row) * pieces + piece) * bands + band)
// * units / parts + its first unit / parts; the units of bands have numbers one behind the other. The parts of a block belong to one group
// of heads of each kind, whose number therefore does not depend on the part.
void TileBuilder::locateBlock(int64_t parts, int64_t pieces) {
  Value rest = wholeBlock();
  auto takeDigit = [&](Value base) {
    Value digit = arith::RemUIOp::create(*this, rest, base);
    rest = arith::DivUIOp::create(*this, rest, base);
    return digit;
  };
  // Parts share a head as long as its columns allow.
  const int64_t columnBlocks = shape.pblocks * shape.mblocks;
  int64_t partsOfP = std::gcd(parts, columnBlocks), partsOfH = parts / partsOfP;
  Value pb = takeDigit(index(columnBlocks / partsOfP));
  const int64_t headBlocks = shape.headBlocks / partsOfH;
  Value firstHead = takeDigit(index(headBlocks));
  if (shape.hasBands)
    firstHead = arith::AddIOp::create(*this, arith::MulIOp::create(*this, takeDigit(bands), index(headBlocks)), firstHead);
  Value hb = firstHead;
  if (parts > 1) {
    Value part = tile::PartOp::create(*this, getIndexType(), parts);
    auto addDigit = [&](Value number, Value digit, int64_t base) -> Value {
      return arith::AddIOp::create(*this, arith::MulIOp::create(*this, number, index(base)), digit);
    };
    if (partsOfP > 1)
      pb = addDigit(pb, partsOfH > 1 ? Value(arith::RemUIOp::create(*this, part, index(partsOfP))) : part, partsOfP);
    if (partsOfH > 1)
      hb = addDigit(hb, partsOfP > 1 ? Value(arith::DivUIOp::create(*this, part, index(partsOfP))) : part, partsOfH);
  }
  unit = arith::AddIOp::create(*this, arith::MulIOp::create(*this, hb, index(columnBlocks)), pb);
  piece = pieces > 1 ? takeDigit(index(pieces)) : index(0);
  sequenceNumber = rest;
  findSequence();
  firstSequence = sequence;
  column = shape.mblocks > 1 ? index(0) : arith::MulIOp::create(*this, pb, index(shape.pblock)).getResult();
  transitionColumn = shape.mblocks > 1 ? arith::MulIOp::create(*this, pb, index(shape.mblock)).getResult() : index(0);
  head = arith::MulIOp::create(*this, hb, index(shape.heads));
  if (!shape.headsPerGroup.empty())
    findGroups(arith::MulIOp::create(*this, firstHead, index(shape.heads * partsOfH)));
}

/// The groups that the head is of.
void TileBuilder::findGroups(Value firstHead) {
  for (auto [dim, heads] : shape.headsPerGroup)
    groups[dim] =
        StringRef(shape.sharedGroups).contains(dim) ? index(0) : arith::DivUIOp::create(*this, firstHead, index(heads)).getResult();
}

void TileBuilder::findSequence() {
  tile::GridAttr grid = kernel.getGrid();
  sequence = tile::SequenceOp::create(*this, sequenceNumber, grid.getSplits(), grid.getRows());
  segment = sequence.getPart();
  batch = sequence.getBatch();
  sourceOfCopies = {};
}

void TileBuilder::setHead(Value first) {
  head = first;
  findGroups(first);
}

RankedTensorType TileBuilder::tileType(ArrayRef<Axis> axes, Type elem) {
  SmallVector<int64_t> dims;
  for (Axis axis : axes)
    dims.push_back(shape.extent(axis));
  return RankedTensorType::get(dims, elem);
}

TileBuilder::InsideCall::InsideCall(TileBuilder &b, Value tokens) : b(b) {
  b.keptPlace = tile::KeptOp::create(b, b.sequence.getBatch(), tokens);
}

SmallVector<OpFoldResult> TileBuilder::segmentAt(Value segment) {
  return {sequence.getBuffer(), arith::AddIOp::create(*this, sequence.getPlace(), segment).getResult()};
}

Value TileBuilder::indexOfSequence(unsigned memref, bool hasTokens) {
  auto orFirst = [&](Value index) -> Value { return arith::MaxSIOp::create(*this, index, this->index(0)); };
  if (hasTokens)
    return sequence.getRow();
  if (tensors.initial.test(memref))
    return orFirst(source(memref));
  return tensors.final.test(memref) ? orFirst(target()) : batch;
}

Value TileBuilder::source(unsigned memref) {
  if (!tensors.copied.test(memref))
    return sequence.getSource();
  if (!sourceOfCopies) { // before any loop
    InsertionGuard guard(*this);
    setInsertionPointAfter(sequence);
    Value copied = tile::CopiedOp::create(*this, getI1Type());
    Value some = arith::CmpIOp::create(*this, arith::CmpIPredicate::sge, sequence.getSource(), index(0));
    sourceOfCopies = arith::SelectOp::create(*this, arith::AndIOp::create(*this, copied, some), batch, sequence.getSource());
  }
  return sourceOfCopies;
}

Value TileBuilder::hasState(unsigned memref) {
  const bool isInitial = tensors.initial.test(memref);
  if (!isInitial && !tensors.final.test(memref))
    return {};
  Value state = isInitial ? source(memref) : target();
  return arith::CmpIOp::create(*this, arith::CmpIPredicate::sge, state, index(0));
}

OpFoldResult TileBuilder::columnLimit() {
  if (shape.pblocks == 1)
    return getIndexAttr(shape.p);
  if (shape.p % shape.pblock == 0)
    return getIndexAttr(shape.pblock);
  return OpFoldResult(arith::SubIOp::create(*this, index(shape.p), column).getResult());
}

OpFoldResult TileBuilder::headLimit() {
  if (shape.allHeads % shape.heads == 0)
    return getIndexAttr(shape.heads);
  return OpFoldResult(arith::SubIOp::create(*this, index(shape.allHeads), head).getResult());
}

OpFoldResult TileBuilder::transitionLimit() {
  if (shape.mblocks == 1)
    return getIndexAttr(shape.n);
  Value left = arith::SubIOp::create(*this, index(shape.n), transitionColumn);
  return OpFoldResult(arith::MaxSIOp::create(*this, left, index(0)).getResult());
}

AffineMap TileBuilder::mapOf(ArrayRef<Tile::Use> uses, ArrayRef<Axis> domain) {
  auto dim = [&](Axis axis) {
    unsigned position = llvm::find(domain, axis) - domain.begin();
    assert(position < domain.size() && "an input has an axis that the iteration space lacks");
    return getAffineDimExpr(position);
  };
  SmallVector<AffineExpr> results;
  for (const Tile::Use &use : uses) {
    if (use.at >= 0)
      results.push_back(getAffineConstantExpr(use.at));
    else if (use.axis == Axis::D && !llvm::is_contained(domain, Axis::D))
      results.push_back(dim(Axis::T) - dim(Axis::S) + shape.chunk);
    else
      results.push_back(dim(use.axis));
  }
  return AffineMap::get(domain.size(), 0, results, getContext());
}

static Value convertFloat(ImplicitLocOpBuilder &b, Value value, Type elem) {
  unsigned from = getElementTypeOrSelf(value.getType()).getIntOrFloatBitWidth(), to = elem.getIntOrFloatBitWidth();
  Type type = elem;
  if (auto shaped = dyn_cast<ShapedType>(value.getType()))
    type = shaped.clone(elem);
  if (from < to)
    return arith::ExtFOp::create(b, type, value);
  if (from > to)
    return arith::TruncFOp::create(b, type, value);
  return value;
}

Tile TileBuilder::generic(ArrayRef<Axis> out, Type elem, ArrayRef<Tile> inputs, ScalarFn body) {
  SmallVector<Value> values;
  SmallVector<AffineMap> maps;
  for (const Tile &input : inputs) {
    values.push_back(input.value);
    maps.push_back(mapOf(input.axes, out));
  }
  maps.push_back(AffineMap::getMultiDimIdentityMap(out.size(), getContext()));
  RankedTensorType type = tileType(out, elem);
  Value init = tensor::EmptyOp::create(*this, type.getShape(), elem);
  SmallVector<utils::IteratorType> iterators(out.size(), utils::IteratorType::parallel);
  genericAxes.assign(out.begin(), out.end());
  auto op = linalg::GenericOp::create(*this, TypeRange{type}, values, ValueRange{init}, maps, iterators,
                                      [&](OpBuilder &b, Location, ValueRange args) {
                                        InsertionGuard guard(*this);
                                        restoreInsertionPoint(b.saveInsertionPoint());
                                        SmallVector<Value> scalars;
                                        for (Value arg : args.drop_back())
                                          scalars.push_back(convertFloat(*this, arg, getF32Type()));
                                        linalg::YieldOp::create(*this, convertFloat(*this, body(*this, scalars), elem));
                                      });
  genericAxes.clear();
  return Tile(op.getResult(0), out);
}

Value TileBuilder::position(Axis axis) {
  if (!llvm::is_contained(genericAxes, axis) && shape.extent(axis) == 1)
    return index(0);
  unsigned dim = llvm::find(genericAxes, axis) - genericAxes.begin();
  assert(dim < genericAxes.size() && "position of an axis that the body does not run over");
  return linalg::IndexOp::create(*this, dim);
}

Value TileBuilder::update() {
  Value step = position(llvm::is_contained(genericAxes, Axis::T) ? Axis::T : Axis::S);
  return arith::RemUIOp::create(*this, step, index(shape.updates)); // chunks begin with a token
}

Value TileBuilder::zeroFrom(Value value, Axis axis, Value limit) { return valueFrom(value, axis, limit, 0); }

Value TileBuilder::valueFrom(Value value, Axis axis, Value limit, double otherwise) {
  Value inside = arith::CmpIOp::create(*this, arith::CmpIPredicate::slt, position(axis), limit);
  return arith::SelectOp::create(*this, inside, value, number(otherwise));
}

Value TileBuilder::zeroBeyondRows(Value value, mixer::TensorType type) {
  int64_t rows = type.hasDim("N") ? shape.n : 1;
  return rows < shape.nTile ? zeroFrom(value, Axis::N, index(rows)) : value;
}

Tile TileBuilder::contract(ArrayRef<Axis> out, const Tile &a, const Tile &b, Tile acc) {
  SmallVector<Axis> domain(out.begin(), out.end());
  for (const Tile *tile : {&a, &b})
    for (const Tile::Use &use : tile->axes)
      if (!llvm::is_contained(domain, use.axis))
        domain.push_back(use.axis);
  if (!acc)
    acc = zeros(out);
  SmallVector<AffineMap> maps = {mapOf(a.axes, domain), mapOf(b.axes, domain), mapOf(Tile({}, out).axes, domain)};
  auto op = linalg::ContractOp::create(*this, TypeRange{acc.value.getType()}, ValueRange{a.value, b.value}, ValueRange{acc.value},
                                       getAffineMapArrayAttr(maps));
  if (shape.precision == mixer::Precision::TF32)
    op->setAttr(tile::TileDialect::Tf32AttrHelper::getNameStr(), getUnitAttr());
  return Tile(op.getResult(0), out);
}

static RankedTensorType tileTypeOf(const Tile &tile) { return cast<RankedTensorType>(tile.value.getType()); }

/// Of some elements at a time.
Tile TileBuilder::reduceInSteps(const Tile &tile, Axis axis, double start, function_ref<Value(TileBuilder &, Value, Value)> combine) {
  const SmallVector<Axis> names = tile.names();
  const int64_t dim = llvm::find(names, axis) - names.begin(), size = tileTypeOf(tile).getDimSize(dim);
  SmallVector<OpFoldResult> offsets(names.size(), getIndexAttr(0)), strides(names.size(), getIndexAttr(1)), sizes;
  for (int64_t extent : tileTypeOf(tile).getShape())
    sizes.push_back(getIndexAttr(extent));
  Tile all;
  for (int64_t first = 0; first < size; first += tile::kMostTerms) {
    offsets[dim] = getIndexAttr(first);
    sizes[dim] = getIndexAttr(std::min(tile::kMostTerms, size - first));
    Tile some = tile;
    some.value = tensor::ExtractSliceOp::create(*this, tile.value, offsets, sizes, strides);
    some = reduce(some, axis, start, combine);
    all = !all ? some
               : generic(some.names(), getF32Type(), {all, some}, [&](TileBuilder &b, ValueRange v) { return combine(b, v[0], v[1]); });
  }
  return all;
}

Tile TileBuilder::reduce(const Tile &tile, Axis axis, double start, function_ref<Value(TileBuilder &, Value, Value)> combine) {
  SmallVector<Axis> domain = tile.names(), out;
  const int64_t reduced = llvm::find(domain, axis) - domain.begin();
  if (tileTypeOf(tile).getDimSize(reduced) > tile::kMostTerms)
    return reduceInSteps(tile, axis, start, combine);
  SmallVector<utils::IteratorType> iterators;
  for (Axis own : domain) {
    iterators.push_back(own == axis ? utils::IteratorType::reduction : utils::IteratorType::parallel);
    if (own != axis)
      out.push_back(own);
  }
  RankedTensorType type = tileType(out, getF32Type());
  Value init = arith::ConstantOp::create(*this, type, DenseElementsAttr::get(type, float(start)));
  SmallVector<AffineMap> maps = {mapOf(tile.axes, domain), mapOf(Tile({}, out).axes, domain)};
  auto op = linalg::GenericOp::create(*this, TypeRange{type}, ValueRange{tile.value}, ValueRange{init}, maps, iterators,
                                      [&](OpBuilder &b, Location, ValueRange args) {
                                        InsertionGuard guard(*this);
                                        restoreInsertionPoint(b.saveInsertionPoint());
                                        linalg::YieldOp::create(*this, combine(*this, args[1], args[0]));
                                      });
  return Tile(op.getResult(0), out);
}

Tile TileBuilder::zeros(ArrayRef<Axis> axes) {
  RankedTensorType type = tileType(axes, getF32Type());
  return Tile(arith::ConstantOp::create(*this, type, DenseElementsAttr::get(type, 0.0f)), axes);
}

Tile TileBuilder::cast(const Tile &tile, Type elem) {
  Tile result = tile;
  result.value = convertFloat(*this, tile.value, elem);
  return result;
}

//===--- Edges ---===//

/// The dimension of a tensor's tokens: T, or of those of another call L; -1 where it has none.
static int64_t tokensOf(mixer::TensorType type) { return type.indexOf(type.hasDim("T") ? "T" : "L"); }

/// The dimension that a tile's axis runs along.
static int64_t dimensionOf(Axis axis, mixer::TensorType type) {
  switch (axis) {
  case Axis::One:
    return 0;
  case Axis::H:
    return type.indexOf(type.getHeadDim());
  case Axis::T:
  case Axis::S:
  case Axis::Handed:
  case Axis::D:
    return tokensOf(type);
  default:
    return type.indexOf(letterOf(axis));
  }
}

TileBuilder::Edge TileBuilder::edge(unsigned memref, mixer::TensorType type, ArrayRef<Tile::Use> axes, const TokenRange *tokens,
                                    int64_t tap) {
  Edge edge;
  auto offsetOf = [&](StringRef dim) -> OpFoldResult {
    if (dim == "B")
      return indexOfSequence(memref, type.hasDim("T"));
    if (dim == "T" || dim == "L")
      return tokens->first;
    if (dim == "W")
      return getIndexAttr(tap);
    if (dim == "H")
      return head;
    if (mixer::kGroupDims.contains(dim))
      return group(dim);
    if (dim == "P" && shape.pblocks > 1)
      return column;
    return getIndexAttr(0);
  };
  for (StringAttr dim : type.getDims())
    edge.offsets.push_back(offsetOf(dim.getValue()));
  for (const Tile::Use &use : axes) {
    edge.dims.push_back(dimensionOf(use.axis, type));
    switch (use.axis) {
    case Axis::T:
    case Axis::S:
    case Axis::Handed:
    case Axis::D:
      edge.limits.push_back(tokens->valid);
      break;
    case Axis::P:
      edge.limits.push_back(columnLimit());
      break;
    case Axis::N:
      edge.limits.push_back(getIndexAttr(shape.n));
      break;
    case Axis::H:
      edge.limits.push_back(headLimit());
      break;
    default:
      edge.limits.push_back(getIndexAttr(shape.extent(use.axis)));
    }
  }
  return edge;
}

Value TileBuilder::view(unsigned memref, int64_t tokens, int64_t updates, bool bySteps, bool fromEnd, int64_t earlier) {
  Value argument = arg(tile::KernelOp::kFirstMemref + memref);
  const bool hasSteps = bySteps && shape.updates > 1;
  if (tokens < 0 || (!fromEnd && !hasSteps && !earlier))
    return argument;
  Value &made = views[{memref, hasSteps, fromEnd, earlier}];
  if (made)
    return made;
  InsertionGuard guard(*this);
  setInsertionPointAfter(firstSequence);
  made = argument;
  if (fromEnd)
    made = tile::ReverseOp::create(*this, made, tokens, firstSequence.getLength());
  if (earlier)
    made = tile::EarlierOp::create(*this, made.getType(), made, tokens, earlier);
  if (hasSteps)
    made =
        tile::StepsOp::create(*this, made.getType(), made, tokens, shape.updates, updates < 0 ? IntegerAttr() : getI64IntegerAttr(updates));
  return made;
}

Value TileBuilder::tensorOf(unsigned memref, mixer::TensorType type, ArrayRef<Axis> axes, int64_t earlier) {
  const bool ofDistances = llvm::is_contained(axes, Axis::D); // the same in both directions
  return view(memref, tokensOf(type), type.indexOf("R"), !llvm::is_contained(axes, Axis::Handed), reversed && !ofDistances, earlier);
}

Tile TileBuilder::load(unsigned memref, mixer::TensorType type, ArrayRef<Axis> axes, Type elem, const TokenRange *tokens, bool optional,
                       LoadPlace place) {
  Edge at = edge(memref, type, Tile({}, axes).axes, tokens, place.tap);
  Value source = tensorOf(memref, type, axes, place.earlier);
  RankedTensorType made = tileType(axes, elem);
  Value exists = hasState(memref);
  if (exists && tokens) { // inside a loop over them, where loads run ahead
    at.limits.front() =
        arith::SelectOp::create(*this, exists, getValueOrCreateConstantIndexOp(*this, getLoc(), at.limits.front()), index(0)).getResult();
    exists = {};
  }
  auto load = [&] { return tile::LoadOp::create(*this, made, source, at.offsets, at.dims, at.limits, optional); };
  if (!exists)
    return Tile(load(), axes);
  auto branch = scf::IfOp::create(*this, TypeRange{made}, exists, /*withElse=*/true);
  InsertionGuard guard(*this);
  setInsertionPointToStart(branch.thenBlock());
  scf::YieldOp::create(*this, load().getTile());
  setInsertionPointToStart(branch.elseBlock());
  Value zero = arith::ConstantOp::create(*this, made, llvm::cast<TypedAttr>(DenseElementsAttr::get(made, getZeroAttr(elem))));
  scf::YieldOp::create(*this, zero);
  return Tile(branch.getResult(0), axes);
}

void TileBuilder::storeState(const Tile &tile, unsigned memref, mixer::TensorType type, bool stochastic, bool optional) {
  Type element = llvm::cast<MemRefType>(arg(tile::KernelOp::kFirstMemref + memref).getType()).getElementType();
  store(stochastic ? rounded(tile, memref, type) : cast(tile, element), memref, type, nullptr, optional);
}

/// An element's random bits follow from its number in the tensor, row by row in the order of the spec's dimensions, whatever its strides,
/// and from the tensor's number: B, which the kernel does not know, is the slowest.
Tile TileBuilder::rounded(const Tile &tile, unsigned memref, mixer::TensorType type) {
  constexpr int64_t kTensorsFrom = int64_t(1) << 48; // above all numbers of elements
  auto tensor = llvm::cast<MemRefType>(arg(tile::KernelOp::kFirstMemref + memref).getType());
  // Dimensions that are slower than free heads go by elements of all bands.
  const StringRef heads = type.getHeadDim();
  const int64_t free = bands && !heads.empty() && tensor.isDynamicDim(type.indexOf(heads)) ? type.indexOf(heads) : -1;
  SmallVector<int64_t> factors(tensor.getRank());
  llvm::SmallBitVector ofAllBands(tensor.getRank());
  int64_t elements = 1;
  bool countsBands = false;
  auto setFactor = [&](int64_t d) {
    factors[d] = elements;
    ofAllBands[d] = countsBands;
  };
  for (int64_t d = tensor.getRank() - 1; d >= 0; --d) {
    if (tensor.isDynamicDim(d) && d != free)
      continue;
    setFactor(d);
    elements *= d != free ? tensor.getDimSize(d) : heads == "H" ? shape.allHeads : shape.allHeads / shape.headsPerGroup.at(heads.front());
    countsBands |= d == free;
  }
  if (int64_t batch = type.indexOf("B"); batch >= 0)
    setFactor(batch);
  Edge at = edge(memref, type, tile.axes, nullptr, /*tap=*/0);
  auto times = [&](Value x, int64_t d) {
    Value factor = index(factors[d]);
    return createOrFold<arith::MulIOp>(x, ofAllBands[d] ? timesBands(factor) : factor);
  };
  Value first = index(memref * kTensorsFrom);
  for (auto [d, offset] : llvm::enumerate(at.offsets))
    first = createOrFold<arith::AddIOp>(first, times(getValueOrCreateConstantIndexOp(*this, getLoc(), offset), d));
  auto seed = tile::SeedOp::create(*this);
  const SmallVector<Axis> axes = tile.names();
  return generic(axes, tensor.getElementType(), {tile}, [&](TileBuilder &b, ValueRange v) -> Value {
    Value place = first;
    for (auto [axis, dim] : llvm::zip_equal(axes, at.dims))
      place = arith::AddIOp::create(b, place, times(b.position(axis), dim));
    Value stochastic = tile::StochasticRoundOp::create(b, tensor.getElementType(), v[0], place, seed.getSeed());
    return arith::SelectOp::create(b, seed.getGiven(), stochastic, arith::TruncFOp::create(b, tensor.getElementType(), v[0]));
  });
}

void TileBuilder::store(const Tile &tile, unsigned memref, mixer::TensorType type, const TokenRange *tokens, bool optional) {
  Edge at = edge(memref, type, tile.axes, tokens, /*tap=*/0);
  Value dest = tensorOf(memref, type, tile.names(), /*earlier=*/0);
  Value exists = hasState(memref);
  if (exists && keptPlace) { // inside a loop
    at.limits.front() =
        arith::SelectOp::create(*this, exists, getValueOrCreateConstantIndexOp(*this, getLoc(), at.limits.front()), index(0)).getResult();
    exists = {};
  }
  InsertionGuard guard(*this);
  if (exists)
    setInsertionPointToStart(scf::IfOp::create(*this, exists, /*withElse=*/false).thenBlock());
  tile::StoreOp::create(*this, tile.value, dest, at.offsets, at.dims, at.limits, optional);
}

} // namespace mixc
