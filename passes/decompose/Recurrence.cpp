// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Recurrence.h"
#include "mixc/passes/DecayBound.h"
#include "mixc/passes/Family.h"
#include "mixc/passes/Forms.h"
#include "mixc/runtime/descriptor.h"
#include "mixc/runtime/limits.h"
#include "mlir/IR/Diagnostics.h"
#include "llvm/Support/MathExtras.h"
#include <numeric>
#include <utility>

using namespace mlir;

namespace mixc {

//===--- Analysis ---===//

bool Recurrence::isPlain() const { return hasPlainChunks(columns.front().op, read); }

bool Recurrence::decaysEntries() const { return decay && typeOf(decay).hasDim("N"); }

bool Recurrence::erasesB() const {
  auto map = l ? l.getDefiningOp<mixer::MapOp>() : mixer::MapOp();
  auto negation = map ? map.getYield().getValue().getDefiningOp<arith::NegFOp>() : arith::NegFOp();
  auto argument = negation ? dyn_cast<BlockArgument>(negation.getOperand()) : BlockArgument();
  return argument && map.getInputs()[argument.getArgNumber()] == b;
}

SmallVector<Axis> Recurrence::decayAxes() const {
  if (decaysEntries())
    return {Axis::H, Axis::N, Axis::T};
  return {Axis::H, Axis::T};
}

static LogicalResult checkHeads(mixer::SpecOp spec, mixer::AlgorithmAttr plan, const Recurrences &recurrences) {
  int64_t heads = spec.getSize("H").value_or(1), perBlock = plan.getHeads();
  const PlanShape shape(spec, plan);
  const bool asColumns = shape.headsAsColumns, isOneToken = shape.oneToken;
  if (perBlock < 1 || (heads % perBlock && (!asColumns || shape.hasBands)))
    return spec.emitOpError("expected heads per block that divide ")
           << (shape.hasBands ? "a band of " : "H = ") << heads << ", got " << perBlock;
  for (char letter : mixer::kGroupDims)
    if (int64_t shared = heads / spec.getSize(StringRef(&letter, 1)).value_or(1); shared % perBlock && !(asColumns && shared == heads))
      return spec.emitOpError("expected heads per block that divide H / ") << letter << " = " << shared << ", got " << perBlock;
  int64_t shared = spec.getHeadsOfOneGroup();
  int64_t pblock = plan.getPblock() ? plan.getPblock() : spec.getSize("P").value_or(1);
  int64_t pblocks = llvm::divideCeil(spec.getSize("P").value_or(1), pblock), parts = plan.getParts();
  if (int64_t headParts = parts / std::gcd(parts, pblocks); headParts > 1 && (shared / perBlock) % headParts)
    return spec.emitOpError("expected parts whose heads are of one group: a divisor of ")
           << shared / perBlock * pblocks << ", got " << parts;
  bool plain = llvm::all_of(recurrences.all, [](const Recurrence &recurrence) { return recurrence.isPlain(); });
  bool chunks = plan.getAlgorithm() != mixer::Algorithm::Scan;
  if (!plain && chunks && perBlock > 1)
    return spec.emitOpError("expected heads = 1 per block because of a decay for each entry, a correction or read = pre, got ") << perBlock;
  int64_t updates = spec.getUpdates(), steps = plan.getChunk() * updates;
  std::string chunk = updates > 1 ? "a chunk with R = " + std::to_string(updates) + " updates a token" : "a chunk";
  if (!plain && chunks && !llvm::isPowerOf2_64(steps))
    return spec.emitOpError("expected ") << chunk
                                         << " that is a power of two because of a decay for each entry, a correction or read = pre, got "
                                         << steps;
  for (const Recurrence &recurrence : recurrences.all)
    for (auto [name, value] :
         {std::pair<StringRef, Value>{"b or c", recurrence.b}, {"b or c", recurrence.c}, {"l", recurrence.l}, {"r", recurrence.r}})
      if (value && perBlock > 1 && !asColumns && !isOneToken && typeOf(value).hasDim("H"))
        return spec.emitOpError("expected heads = 1 per block because ") << name << " has its own heads, got " << perBlock;
  if (pblocks > 1 && sumsColumnsOfOperands(spec))
    return spec.emitOpError("expected pblock = 0, all columns in a block, because of a sum over P of operands, got ") << pblock;
  if (pblocks > 1 && spec.isReadAlongP())
    return spec.emitOpError("expected pblock = 0, all columns in a block, because of a c over P, got ") << pblock;
  for (Value value : recurrences.headSums.unfinished)
    if (typeOf(value).hasDim("N"))
      return emitError(value.getLoc()) << "expected a value without N where a sum over P in another kernel follows, got "
                                       << typeOf(value).getShortName() << "; add it up over N first, or choose a plan with pblock = 0";
  if (plan.getChunk() < 1)
    return spec.emitOpError("expected a chunk of at least 1 token, got ") << plan.getChunk();
  if (plan.getAlgorithm() != mixer::Algorithm::Scan && steps % 16)
    return spec.emitOpError("expected ") << chunk << " that is a multiple of 16, got " << steps;
  if (steps > MIXC_MAX_CHUNK)
    return spec.emitOpError("expected ") << chunk << " of at most " << MIXC_MAX_CHUNK << " steps, got " << steps;
  return success();
}

static LogicalResult checkSizes(mixer::SpecOp spec) {
  auto check = [&](mixer::TensorType type, StringRef name) -> LogicalResult {
    for (StringAttr dim : type.getDims())
      if (mixer::kBoundDims.contains(dim.getValue()) && !spec.getSize(dim.getValue()))
        return spec.emitOpError("expected a size for dimension ")
               << dim.getValue() << " of " << name << "; bind it with --shape " << dim.getValue() << "=...";
    if (type.getIo() && !spec.getIoType())
      return spec.emitOpError("expected the io type to be bound; pass --dtype=f32, bf16 or f16");
    return success();
  };
  for (unsigned i = 0; i < spec.getNumArgs(); ++i)
    if (failed(check(spec.getArgType(i), spec.getArgName(i))))
      return failure();
  for (unsigned i = 0; i < spec.getNumOutputs(); ++i)
    if (failed(check(spec.getResultType(i), spec.getResultName(i))))
      return failure();
  for (auto op : spec.getBodyRegion().getOps<mixer::SemiseparableOp>())
    if (failed(check(op.getY().getType(), "a recurrence")))
      return failure();
  for (auto op : spec.getBodyRegion().getOps<mixer::RunningOp>())
    if (failed(check(op.getValue().getType(), "a running value")))
      return failure();
  for (auto op : spec.getBodyRegion().getOps<mixer::SumOp>())
    for (mixer::TensorType type : {op.getInput().getType(), op.getType()})
      if (failed(check(type, "a sum")))
        return failure();
  return success();
}

/// Adds the op as a column of the recurrence of its step, read and direction.
static void addColumn(Recurrences &recurrences, mixer::SemiseparableOp op, mixer::Read read, mixer::Direction direction) {
  auto same = llvm::find_if(recurrences.all, [&](const Recurrence &r) {
    return r.b == op.getB() && r.c == op.getC() && r.decay == op.getDecay() && r.keep == op.getKeep() && r.l == op.getL() &&
           r.r == op.getR() && r.mask == op.getMask() && r.read == read && r.direction == direction;
  });
  if (same == recurrences.all.end()) {
    recurrences.all.push_back({{},
                               op.getB(),
                               op.getC(),
                               op.getDecay(),
                               op.getKeep(),
                               op.getL(),
                               op.getR(),
                               op.getMask(),
                               read,
                               direction,
                               factorTokenScale(op.getB(), "N"),
                               factorTokenScale(op.getC(), op.isReadAlongP() ? "P" : "N")});
    same = std::prev(recurrences.all.end());
  }
  if (op.getDecay())
    same->decayBound = std::max(same->decayBound, decayBound(op).best());
  same->columns.push_back({op, typeOf(op.getX()).hasDim("P"), factorTokenScale(op.getX(), "P")});
}

static Recurrences collectRecurrences(mixer::SpecOp spec) {
  Recurrences recurrences;
  for (auto direction : {mixer::Direction::Causal, mixer::Direction::Anticausal}) // those of one direction lie side by side
    for (auto op : spec.getBodyRegion().getOps<mixer::SemiseparableOp>()) {
      bool both = op.getDirection() == mixer::Direction::Both;
      if (both || op.getDirection() == direction)
        addColumn(recurrences, op, both && direction == mixer::Direction::Anticausal ? mixer::Read::Pre : op.getRead(), direction);
    }
  unsigned columns = 0;
  for (auto [number, recurrence] : llvm::enumerate(recurrences.all)) {
    recurrence.number = number;
    for (Column &column : recurrence.columns)
      column.number = columns++;
  }
  return recurrences;
}

/// The numbers of the results that are of the value's kind, states aside.
static SmallVector<unsigned> &resultsLike(Recurrences &recurrences, Value value) {
  if (value.getDefiningOp<mixer::LastOp>())
    return recurrences.lastTokens;
  auto running = value.getDefiningOp<mixer::RunningOp>();
  return running && value == running.getLast() ? recurrences.lastRunning : recurrences.outputs;
}

FailureOr<Recurrences> analyseRecurrences(mixer::SpecOp spec, mixer::AlgorithmAttr plan) {
  if (failed(checkForms(spec, plan.getAlgorithm())))
    return failure();
  Recurrences recurrences = collectRecurrences(spec);
  // Blocks that have a part of P, and roles, which add up nothing, leave sums over P to a kernel after them.
  const bool columnsAfter = PlanShape(spec, plan).pblocks > 1 || familyOf(plan).hasRoles();
  recurrences.headSums = findHeadSums(spec, columnsAfter);
  if (failed(checkSizes(spec)) || failed(checkHeads(spec, plan, recurrences)))
    return failure();
  for (auto [i, value] : llvm::enumerate(spec.getReturn().getResults())) {
    Column *ofState = nullptr;
    for (Recurrence &recurrence : recurrences.all)
      for (Column &column : recurrence.columns)
        if (column.op.getState() == value)
          ofState = &column;
    if (ofState)
      ofState->stateResults.push_back(i);
    else if (!recurrences.headSums.isAfter(i))
      resultsLike(recurrences, value).push_back(i);
  }
  return recurrences;
}

//===--- Programs ---===//

static MemRefType stridedMemref(ArrayRef<int64_t> dims, Type elem) {
  SmallVector<int64_t> strides(dims.size(), ShapedType::kDynamic);
  return MemRefType::get(dims, elem, StridedLayoutAttr::get(elem.getContext(), ShapedType::kDynamic, strides));
}

static MemRefType memrefOf(mixer::SpecOp spec, mixer::TensorType type, Type element) {
  SmallVector<int64_t> dims;
  for (StringAttr dim : type.getDims())
    dims.push_back(spec.isFree(dim) ? ShapedType::kDynamic : spec.getSize(dim.getValue()).value_or(ShapedType::kDynamic));
  return stridedMemref(dims, element);
}

ProgramBuilder::ProgramBuilder(mixer::SpecOp spec, mixer::AlgorithmAttr plan, const Recurrences &recurrences)
    : spec(spec), plan(plan), everything(recurrences), shape(spec, plan), shapeOfStates(shape.ofStates()), shapeOfJoins(shape.ofJoins()),
      current(recurrences.all) {
  for (unsigned i = 0; i < spec.getNumArgs(); ++i)
    memrefs.push_back(memrefOf(spec, spec.getArgType(i), spec.getArgElementType(i)));
  for (unsigned i = 0; i < spec.getNumOutputs(); ++i)
    memrefs.push_back(memrefOf(spec, spec.getResultType(i), spec.getResultElementType(i)));
  tensors = memrefs.size();
  units = shape.headBlocks * shape.pblocks;

  Operation *module = spec->getParentOp();
  std::string base = (spec.getSymName() + "_" + stringifyAlgorithm(plan.getAlgorithm())).str(), name = base;
  for (unsigned i = 1; SymbolTable::lookupSymbolIn(module, name); ++i)
    name = base + std::to_string(i);
  OpBuilder builder(spec.getContext());
  builder.setInsertionPointToEnd(&module->getRegion(0).front());
  program = tile::ProgramOp::create(builder, spec.getLoc(), name, spec.getSymName(), plan, ArrayRef<Attribute>());
  program.setBands(shape.hasBands);
  useRunning();
  useHeadSums();
  useBounds();
  valueBuffers = numBuffers();
}

/// Contiguous: the strides inside a segment are known, which spares the kernels their address arithmetic. `headDim` counts heads or what
/// they have, -1: none does. Its number among the memrefs.
unsigned ProgramBuilder::addBuffer(ArrayRef<int64_t> sizes, int64_t headDim, FloatAttr most, StringAttr of) {
  SmallVector<int64_t> dims, strides(sizes.size(), ShapedType::kDynamic);
  for (int64_t size : sizes)
    dims.push_back(size < 0 ? ShapedType::kDynamic : size);
  const int64_t bands = shape.hasBands ? headDim : -1;
  if (bands >= 0)
    dims[bands] = ShapedType::kDynamic;
  // Tokens are turned round for what runs backwards, which takes a stride that is not known.
  auto isAnticausal = [](const Recurrence &recurrence) { return recurrence.direction == mixer::Direction::Anticausal; };
  if (sizes.back() != tile::kSizeLength || llvm::none_of(everything.all, isAnticausal))
    strides.back() = 1;
  for (int64_t d = int64_t(dims.size()) - 2; d >= 1 && sizes[d] != tile::kSizeLength && !ShapedType::isDynamic(dims[d + 1]); --d)
    strides[d] = strides[d + 1] * dims[d + 1];
  Type elem = Float32Type::get(spec.getContext());
  SmallVector<Attribute> buffers(program.getBuffers().begin(), program.getBuffers().end());
  buffers.push_back(tile::BufferAttr::get(spec.getContext(), sizes, bands, most, of));
  program.setBuffersAttr(ArrayAttr::get(spec.getContext(), buffers));
  memrefs.push_back(MemRefType::get(dims, elem, StridedLayoutAttr::get(elem.getContext(), ShapedType::kDynamic, strides)));
  return memrefs.size() - 1;
}

const TensorRoles &ProgramBuilder::tensorRoles() {
  roles.initial.resize(memrefs.size());
  roles.final.resize(memrefs.size());
  for (unsigned i = 0; i < spec.getNumArgs(); ++i)
    roles.initial[i] = spec.isInitialState(i);
  for (unsigned i = 0; i < spec.getNumOutputs(); ++i)
    roles.final[spec.getNumArgs() + i] = spec.isFinalState(i);
  roles.copied.resize(memrefs.size());
  for (unsigned i = 0; i < spec.getNumOutputs(); ++i)
    if (std::optional<unsigned> argument = spec.getHandedOn(i))
      roles.copied.set(*argument);
  return roles;
}

void ProgramBuilder::useSegments() {
  if (firstSegment)
    return;
  firstSegment = memrefs.size();
  int64_t heads = spec.getSize("H").value_or(1);
  auto add = [&](ArrayRef<int64_t> inner) {
    SmallVector<int64_t> sizes = {tile::kSizeBatch, tile::kSizeSplits};
    llvm::append_range(sizes, inner);
    addBuffer(sizes, /*headDim=*/2);
  };
  for (const Recurrence &recurrence : everything.all)
    for (const Column &column : recurrence.columns)
      add({shape.pieces * heads, column.hasP ? shape.p : 1, shape.n});
  for (const Recurrence &recurrence : everything.all)
    if (recurrence.mixesEntries())
      add({shape.pieces * heads, shape.n, shape.n});
    else if (recurrence.decaysEntries())
      add({shape.pieces * heads, shape.n});
    else
      add({shape.pieces * heads});
  if (canHalve())
    add({units});
}

void ProgramBuilder::useResults() {
  int64_t heads = spec.getSize("H").value_or(1);
  firstResult = memrefs.size();
  for (const Recurrence &recurrence : everything.all)
    for (const Column &column : recurrence.columns)
      if (recurrence.direction == mixer::Direction::Anticausal)
        addBuffer({tile::kSizeBatch, tile::kSizeLength, heads, shape.sizeOf(column.resultAxis())}, /*headDim=*/2);
}

/// Those of the first of two directions.
size_t ProgramBuilder::numResultBuffers() const {
  auto isCausal = [](const Recurrence &recurrence) { return recurrence.direction == mixer::Direction::Causal; };
  if (llvm::none_of(everything.all, isCausal))
    return 0;
  size_t buffers = 0;
  for (const Recurrence &recurrence : everything.all)
    buffers += isCausal(recurrence) ? 0 : recurrence.columns.size();
  return buffers;
}

bool ProgramBuilder::canSplit() const {
  const size_t flags = plan.getPieces() > 1;
  return valueBuffers + numResultBuffers() + everything.numColumns() + everything.all.size() + flags <= MIXC_MAX_BUFFERS;
}

bool ProgramBuilder::mixesEntries(const Column &column) const {
  return llvm::any_of(everything.all, [&](const Recurrence &recurrence) {
    return recurrence.mixesEntries() && llvm::any_of(recurrence.columns, [&](const Column &own) { return own.number == column.number; });
  });
}

void ProgramBuilder::eachOf(ArrayRef<Recurrence> some, function_ref<void()> build) {
  ArrayRef<Recurrence> all = std::exchange(current, some);
  build();
  current = all;
}

/// A value [B, H, T], or with columns [B, T, H, P, N], H being those of its heads or groups: as the kernels' tiles lie.
static mixer::TensorType leftType(mixer::TensorType type) {
  std::string heads = type.getHeadDim().str(), tokens = type.hasDim("T") ? "T" : "", columns;
  for (StringRef dim : {"P", "N"})
    columns += type.hasDim(dim) ? dim : "";
  return mixer::TensorType::get(type.getContext(), columns.empty() ? "B" + heads + tokens : "B" + tokens + heads + columns);
}

SpecValues::Left ProgramBuilder::addValueBuffer(mixer::TensorType type, FloatAttr most, StringAttr of) {
  auto sizes = llvm::map_to_vector(type.getDims(), [&](StringAttr dim) {
    return dim == "B" ? tile::kSizeBatch : dim == "T" ? tile::kSizeLength : spec.getSize(dim.getValue()).value_or(1);
  });
  const StringRef heads = type.getHeadDim();
  return {addBuffer(sizes, spec.isFree(heads) ? type.indexOf(heads) : -1, most, of), type};
}

void ProgramBuilder::useRunning() {
  for (auto op : spec.getBodyRegion().getOps<mixer::RunningOp>())
    for (Value value : {Value(op.getValue()), Value(op.getBefore())})
      if (!value.use_empty())
        left[value] = addValueBuffer(leftType(typeOf(value)));
}

void ProgramBuilder::useHeadSums() {
  const HeadSums &sums = everything.headSums;
  for (mixer::SumOp sum : sums.before)
    left[sum] = addValueBuffer(leftType(sum.getType()));
  unfinished = left;
  if (!sums.areTogether())
    for (mixer::SumOp sum : sums.after)
      unfinished[sum] = addValueBuffer(leftType(sum.getType()));
  for (auto [value, result] : llvm::zip(sums.unfinished, placeUnfinished(spec, sums))) {
    if (result >= 0)
      unfinished[value] = {unsigned(spec.getNumArgs() + result), spec.getResultType(result), spec.isResultOptional(result)};
    else // as @finish reads it
      unfinished[value] = addValueBuffer(mixer::TensorType::get(spec.getContext(), typeOf(value).hasDim("P") ? "BTHP" : "BTH"));
  }
}

/// "'g'", or of a decay that is computed "the decay of line 12".
static std::string nameOfDecay(mixer::SpecOp spec, mixer::SemiseparableOp op) {
  if (auto argument = dyn_cast<BlockArgument>(op.getDecay()))
    return ("'" + spec.getArgName(argument.getArgNumber()) + "'").str();
  auto place = op.getLoc()->findInstanceOf<FileLineColLoc>();
  return place ? "the decay of line " + std::to_string(place.getLine()) : "a decay";
}

void ProgramBuilder::useBounds() {
  if (!spec.getCheckBounds())
    return;
  Builder builder(spec.getContext());
  for (auto op : spec.getBodyRegion().getOps<mixer::SemiseparableOp>()) {
    if (!op.getDecayBound())
      continue;
    auto isSame = [&](auto &other) {
      return other.first.getDecay() == op.getDecay() && *other.first.getDecayBound() == *op.getDecayBound();
    };
    if (llvm::any_of(checked, isSame))
      continue;
    mixer::TensorType type = typeOf(op.getDecay());
    auto left = mixer::TensorType::get(spec.getContext(), ("B" + type.getHeadDim() + (type.hasDim("N") ? "N" : "")).str());
    FloatAttr most = builder.getF32FloatAttr(std::abs(op.getDecayBound()->convertToFloat()));
    checked.push_back({op, addValueBuffer(left, most, builder.getStringAttr(nameOfDecay(spec, op)))});
  }
}

void ProgramBuilder::eachCheckedBound(function_ref<void(mixer::SemiseparableOp, SpecValues::Left)> build) const {
  for (const auto &[op, left] : checked)
    build(op, left);
}

void ProgramBuilder::eachBefore(function_ref<void(mixer::RunningOp)> buildRunning, function_ref<void(mixer::SumOp)> buildSum) {
  endOfBefore = program.getBody().front().begin();
  for (Operation &op : spec.getBody()->without_terminator()) {
    if (auto running = dyn_cast<mixer::RunningOp>(op))
      buildRunning(running);
    else if (auto sum = dyn_cast<mixer::SumOp>(op); sum && left.contains(sum))
      buildSum(sum);
  }
}

/// "running", "running1", ..
static std::string numbered(StringRef name, unsigned number) { return name.str() + (number ? std::to_string(number) : ""); }

// They are built last, when all buffers are known, which every kernel has as arguments.
void ProgramBuilder::addRunningKernel(StringRef name, mixer::TensorType type, Location loc,
                                      function_ref<void(TileBuilder &, SpecValues &)> body) {
  OpBuilder builder(&program.getBody().front(), endOfBefore);
  PlanShape own = shape.ofRunning(type);
  auto grid =
      tile::GridAttr::get(spec.getContext(), own.allHeads, /*batch=*/true, /*splits=*/false, /*rows=*/0, /*halves=*/false, own.hasBands);
  auto kernel = tile::KernelOp::create(builder, loc, numbered(name, named[name]++), TypeRange(memrefs), grid, tile::When::Always);
  TileBuilder b(kernel, own, tensorRoles(), /*parts=*/1, /*pieces=*/1, /*reversed=*/false);
  SpecValues values(spec, b, left);
  body(b, values);
  tile::ReturnOp::create(b);
}

void ProgramBuilder::addHeadKernel(StringRef name, int64_t rows, const PlanShape &own, bool before, Location loc,
                                   function_ref<void(TileBuilder &)> body) {
  Block &block = program.getBody().front();
  OpBuilder builder(&block, before ? endOfBefore : block.end());
  auto grid =
      tile::GridAttr::get(spec.getContext(), own.headBlocks, /*batch=*/true, /*splits=*/false, rows, /*halves=*/false, own.hasBands);
  auto kernel = tile::KernelOp::create(builder, loc, numbered(name, named[name]++), TypeRange(memrefs), grid, tile::When::Always);
  TileBuilder b(kernel, own, tensorRoles(), /*parts=*/1, /*pieces=*/1, /*reversed=*/false);
  body(b);
  tile::ReturnOp::create(b);
}

void ProgramBuilder::addCopyKernel(const PlanShape &own, function_ref<void(TileBuilder &)> body) {
  OpBuilder builder = OpBuilder::atBlockBegin(&program.getBody().front());
  auto grid =
      tile::GridAttr::get(spec.getContext(), own.headBlocks, /*batch=*/true, /*splits=*/false, /*rows=*/0, /*halves=*/false, own.hasBands);
  auto kernel = tile::KernelOp::create(builder, spec.getLoc(), "copy", TypeRange(memrefs), grid, tile::When::Copied);
  // Results are the copies, at the sequence's own index.
  TensorRoles ofCopies = tensorRoles();
  ofCopies.final.reset();
  ofCopies.copied.reset();
  TileBuilder b(kernel, own, ofCopies, /*parts=*/1, /*pieces=*/1, /*reversed=*/false);
  body(b);
  tile::ReturnOp::create(b);
}

unsigned ProgramBuilder::resultBuffer(const Column &column) const {
  auto first = llvm::find_if(everything.all, [](const Recurrence &r) { return r.direction == mixer::Direction::Anticausal; });
  return firstResult + column.number - first->columns.front().number;
}

void ProgramBuilder::eachDirection(function_ref<void()> build) {
  ArrayRef<Recurrence> all = everything.all;
  size_t causal = llvm::count_if(all, [](const Recurrence &r) { return r.direction == mixer::Direction::Causal; });
  if (causal > 0 && causal < all.size()) {
    useResults();
    current = all.drop_front(causal);
    isFirstOfTwo = true;
    prefix = "anticausal_";
    build();
    current = all.take_front(causal);
    isFirstOfTwo = false;
    prefix = "";
  }
  build();
}

SmallVector<Column> ProgramBuilder::columnsLeft() const {
  SmallVector<Column> columns;
  if (current.size() < everything.all.size() && !isFirstOfTwo)
    for (const Recurrence &recurrence : ArrayRef(everything.all).drop_front(current.size()))
      llvm::append_range(columns, recurrence.columns);
  return columns;
}

void ProgramBuilder::addKernel(StringRef name, bool splits, int64_t rows, tile::When when, const PlanShape &own,
                               function_ref<void(TileBuilder &, SpecValues &)> body, int64_t pieces) {
  OpBuilder builder = OpBuilder::atBlockEnd(&program.getBody().front());
  bool halves = canHalve() && splits && when == tile::When::Always;
  int64_t blocks = own.headBlocks * own.pblocks * own.mblocks / own.parts * pieces;
  auto grid = tile::GridAttr::get(spec.getContext(), blocks, /*batch=*/true, splits, rows, halves, own.hasBands);
  auto kernel = tile::KernelOp::create(builder, spec.getLoc(), prefix + name.str(), TypeRange(memrefs), grid, when);
  TileBuilder b(kernel, own, tensorRoles(), own.parts, pieces, /*reversed=*/current.front().direction == mixer::Direction::Anticausal);
  SpecValues values(spec, b, left);
  body(b, values);
  tile::ReturnOp::create(b);
}

//===--- Shared pieces ---===//

/// Whether the state that a call gives or gets lies along P: with N before it.
static bool liesAlongP(mixer::SpecOp spec, const Column &column) {
  mixer::SemiseparableOp op = column.op;
  mixer::TensorType type;
  if (!column.stateResults.empty())
    type = spec.getResultType(column.stateResults.front());
  else if (op.getInit())
    type = typeOf(op.getInit());
  return type && type.hasDim("P") && type.hasDim("N") && type.indexOf("N") < type.indexOf("P");
}

SmallVector<Axis, 3> stateAxes(const ProgramBuilder &program, const Column &column) {
  if (program.shape.headsAsColumns)
    return {Axis::U, Axis::N, Axis::H};
  if (program.shape.oneToken && liesAlongP(program.spec, column))
    return {Axis::H, Axis::N, column.axis()};
  if (program.plan.getAlgorithm() == mixer::Algorithm::Scan && !program.shape.oneToken)
    return {Axis::H, Axis::N, column.axis()};
  return {Axis::H, column.axis(), Axis::N};
}

Tile loadInitialState(TileBuilder &b, SpecValues &values, const ProgramBuilder &program, const Column &column) {
  SmallVector<Axis, 3> axes = stateAxes(program, column);
  mixer::SemiseparableOp op = column.op;
  if (!op.getInit())
    return b.zeros(axes);
  SmallVector<Axis> present;
  for (Axis axis : axes)
    if (typeOf(op.getInit()).hasDim(letterOf(axis)))
      present.push_back(axis);
  Tile tile;
  if (auto argument = dyn_cast<BlockArgument>(op.getInit())) {
    tile = b.load(argument.getArgNumber(), typeOf(argument), present, b.getF32Type(), nullptr,
                  values.spec.isArgOptional(argument.getArgNumber()));
    if (present.size() == axes.size())
      return tile;
    return b.generic(axes, b.getF32Type(), {tile},
                     [&](TileBuilder &, ValueRange v) { return b.zeroBeyondRows(v[0], typeOf(op.getInit())); });
  }
  TokenScope none({}, {});
  return values.evaluate({op.getInit(), {}}, axes, b.getF32Type(), none, [&](TileBuilder &, Value v) {
    v = b.zeroBeyondRows(v, typeOf(op.getInit()));
    return op.isReadAlongP() ? b.zeroFrom(v, Axis::P, b.index(b.shape.p)) : v; // padding adds to a row's sum
  });
}

/// The tile over those of its axes that `type` has; the others hold one value and are read at 0.
static Tile dropMissingAxes(TileBuilder &b, const Tile &tile, mixer::TensorType type) {
  SmallVector<Axis> kept;
  Tile narrowed = tile;
  for (Tile::Use &use : narrowed.axes)
    if (type.hasDim(letterOf(use.axis)))
      kept.push_back(use.axis);
    else
      use.at = 0;
  if (kept.size() == tile.axes.size())
    return tile;
  return b.generic(kept, cast<ShapedType>(tile.value.getType()).getElementType(), {narrowed},
                   [](TileBuilder &, ValueRange v) { return v[0]; });
}

void storeFinalState(TileBuilder &b, const ProgramBuilder &program, const Column &column, const Tile &state) {
  mixer::SpecOp spec = program.spec;
  for (unsigned result : column.stateResults) {
    mixer::TensorType type = spec.getResultType(result);
    b.storeState(dropMissingAxes(b, state, type), spec.getNumArgs() + result, type, spec.isStochasticState(result),
                 spec.isResultOptional(result));
  }
}

void storeLastTokens(TileBuilder &b, SpecValues &values, const ProgramBuilder &program, Value end) {
  mixer::SpecOp spec = program.spec;
  TokenRange all{b.index(0), b.index(b.shape.handed)};
  for (unsigned i : program.everything.lastTokens) {
    mixer::TensorType type = spec.getResultType(i);
    Tile tile = values.lastTokens(spec.getReturn().getResults()[i].getDefiningOp<mixer::LastOp>(), end);
    b.store(b.cast(tile, type.getIo() ? program.shape.io : Type(b.getF32Type())), spec.getNumArgs() + i, type, &all,
            spec.isResultOptional(i));
  }
}

namespace {
/// Where the y of a column stands in its buffer [B, T, H, P], or [B, T, H, N].
struct ResultAccess {
  SmallVector<Axis> axes;
  SmallVector<OpFoldResult> offsets, limits;
  SmallVector<int64_t> dims;
};
} // namespace

static ResultAccess resultAccess(TileBuilder &b, const Column &column, ArrayRef<Axis> axes, const TokenScope &tokens) {
  OpFoldResult zero = b.getIndexAttr(0);
  ResultAccess at{
      {}, {b.sequence.getRow(), tokens.first, b.head, column.hasP && b.shape.pblocks > 1 ? OpFoldResult(b.column) : zero}, {}, {}};
  for (Axis axis : axes) {
    bool isToken = axis == Axis::T, isHead = axis == Axis::H;
    at.axes.push_back(isToken || isHead || b.shape.headsAsColumns ? axis : column.resultAxis());
    at.dims.push_back(isToken ? 1 : isHead ? 2 : 3);
    at.limits.push_back(isToken                          ? OpFoldResult(tokens.valid)
                        : isHead                         ? b.headLimit()
                        : column.resultAxis() == Axis::P ? b.columnLimit()
                                                         : OpFoldResult(b.getIndexAttr(b.shape.sizeOf(column.resultAxis()))));
  }
  return at;
}

/// Leaves the columns' y to the kernels of the other direction.
static void leaveResults(TileBuilder &b, const ProgramBuilder &program, ArrayRef<Tile> ys, ArrayRef<Axis> axes, TokenScope &tokens) {
  for (const Recurrence &recurrence : program.recurrences())
    for (const Column &column : recurrence.columns) {
      ResultAccess at = resultAccess(b, column, axes, tokens);
      Value dest = b.tensor(program.resultBuffer(column), /*tokens=*/1);
      tile::StoreOp::create(b, ys.front().value, dest, at.offsets, at.dims, at.limits);
      ys = ys.drop_front();
    }
}

/// The y that the kernels of the other direction have left, where the spec's op has it: alone or as a second summand.
static void bindResultsLeft(TileBuilder &b, SpecValues &values, const ProgramBuilder &program, ArrayRef<Axis> axes, TokenScope &tokens) {
  for (const Column &column : program.columnsLeft()) {
    ResultAccess at = resultAccess(b, column, axes, tokens);
    Value source = b.tensor(program.resultBuffer(column), /*tokens=*/1);
    Tile y(tile::LoadOp::create(b, b.tileType(at.axes, b.getF32Type()), source, at.offsets, at.dims, at.limits), at.axes);
    Value result = mixer::SemiseparableOp(column.op).getY();
    if (auto own = tokens.tiles.find(result); own != tokens.tiles.end())
      y = b.generic(at.axes, b.getF32Type(), {own->second, y},
                    [](TileBuilder &b, ValueRange v) { return arith::AddFOp::create(b, v[0], v[1]); });
    values.bind(result, y, tokens);
  }
}

void storeOutputs(TileBuilder &b, SpecValues &values, const ProgramBuilder &program, ArrayRef<Tile> ys, ArrayRef<Axis> axes,
                  TokenScope &tokens) {
  if (program.leavesResults())
    return leaveResults(b, program, ys, axes, tokens);
  mixer::SpecOp spec = program.spec;
  for (const Recurrence &recurrence : program.recurrences())
    for (const Column &column : recurrence.columns) {
      values.bind(mixer::SemiseparableOp(column.op).getY(), ys.front(), tokens);
      ys = ys.drop_front();
    }
  bindResultsLeft(b, values, program, axes, tokens);
  auto store = [&](Value value, const SpecValues::Left &place) {
    Type elem = place.type.getIo() ? program.shape.io : Type(b.getF32Type());
    SmallVector<Axis> all(axes), out;
    if (place.type.hasDim("N"))
      llvm::replace(all, Axis::P, Axis::N);
    for (Axis axis : b.shape.headsAsColumns ? SmallVector<Axis>(axesInOrder(place.type)) : all)
      if (place.type.hasDim(letterOf(axis)))
        out.push_back(axis);
    b.store(values.evaluate({value, {}}, out, elem, tokens), place.memref, place.type, &tokens, place.optional);
  };
  for (unsigned i : program.everything.outputs)
    store(spec.getReturn().getResults()[i], {spec.getNumArgs() + i, spec.getResultType(i), spec.isResultOptional(i)});
  for (Value value : program.everything.headSums.unfinished)
    store(value, program.unfinishedValues().at(value));
}

Value tokensUpTo(TileBuilder &b, const TokenRange &steps) {
  Value first = steps.first;
  if (b.shape.updates > 1)
    first = arith::DivUIOp::create(b, first, b.index(b.shape.updates));
  Value end = arith::AddIOp::create(b, first, b.index(b.shape.chunk / b.shape.updates));
  return arith::MinUIOp::create(b, end, b.sequence.getLength());
}

SmallVector<Tile> loopOverChunks(TileBuilder &b, SpecValues &values, Value begin, Value end, ArrayRef<Tile> init,
                                 function_ref<SmallVector<Tile>(TokenScope &, ArrayRef<Tile>)> body) {
  SmallVector<Value> initValues;
  for (const Tile &tile : init)
    initValues.push_back(tile.value);
  auto loop = scf::ForOp::create(b, begin, end, b.index(b.shape.chunk), initValues);
  values.setEntry(loop);
  {
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(loop.getBody());
    Value valid = arith::SubIOp::create(b, b.length(), loop.getInductionVar());
    TokenScope tokens(loop.getInductionVar(), valid);
    SmallVector<Tile> carried(init.begin(), init.end());
    for (auto [tile, value] : llvm::zip(carried, loop.getRegionIterArgs()))
      tile.value = value;
    SmallVector<Value> yielded;
    for (const Tile &tile : body(tokens, carried))
      yielded.push_back(tile.value);
    if (!yielded.empty())
      scf::YieldOp::create(b, yielded);
  }
  SmallVector<Tile> results(init.begin(), init.end());
  for (auto [tile, value] : llvm::zip(results, loop.getResults()))
    tile.value = value;
  return results;
}

Value ofToken(TileBuilder &b, Value value, const TokenRange &tokens, double otherwise) {
  value = b.valueFrom(value, Axis::T, tokens.valid, otherwise);
  if (b.shape.updates == 1)
    return value;
  Value isFirst = arith::CmpIOp::create(b, arith::CmpIPredicate::eq, b.update(), b.index(0));
  return arith::SelectOp::create(b, isFirst, value, b.number(otherwise));
}

Value log2Decay(TileBuilder &b, Value g, const TokenRange &tokens) {
  return ofToken(b, arith::MulFOp::create(b, g, b.number(1.44269504)), tokens, 0);
}

Tile decayTile(TileBuilder &b, SpecValues &values, const Recurrence &recurrence, TokenScope &tokens, ArrayRef<Axis> axes,
               function_ref<Value(TileBuilder &, Value)> finish) {
  auto finished = [&](TileBuilder &b, Value exponent) { return finish ? finish(b, exponent) : exponent; };
  Tile decay, kept;
  if (recurrence.decay)
    decay = values.evaluate({recurrence.decay, {}}, axes, b.getF32Type(), tokens,
                            [&](TileBuilder &b, Value g) { return finished(b, log2Decay(b, g, tokens)); });
  if (recurrence.keep)
    kept = values.evaluate({recurrence.keep, {}}, {Axis::H, Axis::T}, b.getF32Type(), tokens, [&](TileBuilder &b, Value k) -> Value {
      return math::Log2Op::create(b, math::AbsFOp::create(b, ofToken(b, k, tokens, 1)));
    });
  if (!kept)
    return decay;
  if (!llvm::is_contained(axes, Axis::H))
    kept = kept.at(Axis::H, 0);
  if (!decay)
    return ArrayRef<Axis>(kept.names()) == axes ? kept
                                                : b.generic(axes, b.getF32Type(), {kept}, [](TileBuilder &, ValueRange v) { return v[0]; });
  return b.generic(axes, b.getF32Type(), {decay, kept}, [](TileBuilder &b, ValueRange v) { return arith::AddFOp::create(b, v[0], v[1]); });
}

std::optional<Expr> withoutDecay(const Recurrence &recurrence, Value value) {
  return recurrence.decay && !recurrence.keep ? withoutExpOf(recurrence.decay, value) : std::nullopt;
}

// 1 - 2 (n mod 2), n being the number of negative factors up to a token.
Tile signsFromStart(TileBuilder &b, SpecValues &values, const Recurrence &recurrence, TokenScope &tokens, bool pre) {
  SmallVector<Axis> axes = {Axis::H, Axis::T};
  Tile negative = values.evaluate({recurrence.keep, {}}, axes, b.getF32Type(), tokens, [&](TileBuilder &b, Value k) {
    k = ofToken(b, k, tokens, 1);
    return b.zeroUnless(arith::CmpFOp::create(b, arith::CmpFPredicate::OLT, k, b.number(0)), b.number(1));
  });
  auto cumsum = tile::CumsumOp::create(b, negative.value.getType(), negative.value.getType(), negative.value);
  SmallVector<Tile> counts = {Tile(cumsum.getSums(), axes)};
  if (pre)
    counts.push_back(negative);
  return b.generic(axes, b.getF32Type(), counts, [](TileBuilder &b, ValueRange v) {
    auto times = [&](Value x, double factor) { return arith::MulFOp::create(b, x, b.number(factor)); };
    Value count = v.size() == 2 ? Value(arith::SubFOp::create(b, v[0], v[1])) : v[0];
    Value even = times(math::FloorOp::create(b, times(count, 0.5)), 2);
    return arith::SubFOp::create(b, b.number(1), times(arith::SubFOp::create(b, count, even), 2));
  });
}

} // namespace mixc
