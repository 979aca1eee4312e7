// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Writes one gpu_tile.kernel as an llvm.func of arith, scf, llvm and nvvm ops. Fragments become lists of registers:
// mma: per block of 16 x 16 elements (outer index slowest, then row block, then column block) 8 f32 values, or 4 i32 values that
// hold two 16-bit elements each, in the order (tile 0 upper rows, tile 0 lower rows, tile 1 upper rows, tile 1 lower rows);
// lanes: per row, per 32 elements one value; linear: per `threads` elements one value.
#pragma once

#include "mixc/dialect/GpuTile.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"
#include <map>

namespace mixc::gpu {

/// An index: a value that the thread computes plus a constant. `bits` are those that the value can have set, if known.
struct Index {
  mlir::Value value;
  int64_t constant = 0;
  uint64_t bits = ~uint64_t(0);
};

/// Loads of one op that several elements share.
using LoadCache = std::map<std::tuple<mlir::Operation *, unsigned, int64_t, int64_t, int64_t>, mlir::SmallVector<mlir::Value>>;

/// The condition of a last `select(condition, value, 0)` before the narrowing, if it depends on the element's position only.
mlir::arith::SelectOp maskOf(gpu_tile::MapOp op);
/// Whether a value of a map's body is an element of an input whose elements ascend.
bool isAscending(gpu_tile::MapOp op, mlir::Value value);

/// Unrolling a loop over chunks, or one that is rarely run, only makes it larger.
void forbidUnrolling(mlir::scf::ForOp loop);

class KernelEmitter {
public:
  KernelEmitter(gpu_tile::KernelOp kernel, llvm::StringRef name, mlir::Operation *before);
  mlir::LogicalResult run();

  /// What a bulk copy moves of a tensor: elements in each dimension.
  struct TensorMap {
    int64_t tensor = 0;
    mlir::SmallVector<int64_t> box;
    bool operator==(const TensorMap &other) const { return tensor == other.tensor && box == other.box; }
  };

private:
  using Values = mlir::SmallVector<mlir::Value>;

  struct Memref {
    mlir::Value pointer;
    Values strides;
  };

  // Control and scalars (KernelEmitter.cpp).
  Memref reversed(tile::ReverseOp op);
  void createFunction(llvm::StringRef name, mlir::Operation *before);
  /// Loops and stores of so many registers have none to spare for addresses.
  static constexpr size_t kManyRegisters = 32;
  void setThread(mlir::Value number);
  mlir::Value reread(mlir::StringRef special);
  mlir::Value opaque(mlir::Value number);
  /// What the kernel's parameters and the role's number are called where an op is emitted. Restored at the end of its region, as what is
  /// read anew inside is not known outside.
  struct Names {
    llvm::DenseMap<mlir::Value, Memref> memrefs;
    llvm::SmallVector<std::pair<mlir::Value, mlir::Value>> scalars;
    mlir::Value part;
  };
  Names names();
  void restore(const Names &names);
  void rereadParameters();
  void rereadPart();
  mlir::Value blockNumberPointer();
  mlir::Value loadBlockNumber();
  bool holdsManyRegisters(mlir::scf::ForOp op);
  mlir::LogicalResult emitOverBlocks(mlir::scf::ForOp op, mlir::Value begin, mlir::Value end, mlir::Value step);
  mlir::Value rereadThread();
  mlir::LogicalResult emitBlock(mlir::Block &block);
  mlir::LogicalResult emitOp(mlir::Operation &op);
  mlir::LogicalResult emit(mlir::scf::ForOp op);
  mlir::LogicalResult emit(mlir::scf::IfOp op);
  mlir::LogicalResult emitScalar(mlir::Operation &op, mlir::IRMapping &map);
  mlir::LogicalResult emitMath(mlir::Operation &op, mlir::IRMapping &map);
  Values flatten(mlir::ValueRange values);
  mlir::SmallVector<mlir::Type> flatTypes(mlir::TypeRange types);
  size_t bind(mlir::Value old, mlir::ValueRange fresh, size_t at);
  mlir::SmallVector<mlir::Type> registerTypes(gpu_tile::FragmentType type);

  // Arithmetic.
  mlir::Value i32(int64_t value);
  mlir::Value i64(int64_t value);
  mlir::Value f32(double value);
  mlir::Value zeroOf(mlir::Type type);
  mlir::Value add(mlir::Value a, mlir::Value b);
  mlir::Value mul(mlir::Value a, int64_t factor);
  mlir::Value div(mlir::Value a, int64_t divisor);
  mlir::Value rem(mlir::Value a, int64_t divisor);
  mlir::Value widen(mlir::Value a);
  mlir::Value valueOf(const Index &index);
  Index indexOf(mlir::AffineExpr expr, mlir::ArrayRef<Index> dims);
  mlir::Value less(mlir::arith::CmpIPredicate predicate, mlir::Value a, mlir::Value b);
  mlir::Value intrinsic(llvm::StringRef name, mlir::Type type, mlir::ValueRange operands);
  mlir::Value logOf(mlir::Value x);
  mlir::Value log1pOf(mlir::Value x);
  mlir::Value tanhOf(mlir::Value x);
  mlir::Value expm1Of(mlir::Value x);
  mlir::Value exp2Of(mlir::Value x);
  mlir::Value polynomial(mlir::Value x, mlir::ArrayRef<double> coefficients);
  mlir::Value fma(mlir::Value a, mlir::Value b, mlir::Value c);
  mlir::Value pack(mlir::Value low, mlir::Value high, mlir::Type element);
  mlir::Value unpackWide(mlir::Value packed, unsigned half, mlir::Type element);
  mlir::Value unpack(mlir::Value packed, unsigned half, mlir::Type element);
  mlir::Value widenFloat(mlir::Value value);

  // Shared memory (EmitShared.cpp).
  mlir::Value sharedPointer(mlir::Value buffer, mlir::ArrayRef<Index> indices);
  mlir::Value offsetPointer(mlir::Value pointer, mlir::Value bytes, int64_t constant);
  Values loadMatrices(mlir::Value buffer, mlir::ArrayRef<Index> indices, bool transposed);
  void storeMatrices(mlir::ArrayRef<mlir::Value> values, mlir::Value buffer, mlir::ArrayRef<Index> indices, bool transposed);
  mlir::SmallVector<Index> matrixRows(gpu_tile::FragmentType type, mlir::AffineMap map, int64_t outer, int64_t row, int64_t col,
                                      bool transposed);
  mlir::Value loadShared(mlir::Value buffer, mlir::ArrayRef<Index> indices);
  void storeShared(mlir::Value value, mlir::Value buffer, mlir::ArrayRef<Index> indices);

  // Positions in fragments (EmitFragment.cpp).
  mlir::Value rowGroup(gpu_tile::MmaAttr layout);
  mlir::Value colPart(gpu_tile::MmaAttr layout);
  /// Indices of the first element of a block: rows and columns inside the block not yet added.
  mlir::SmallVector<Index> blockOrigin(gpu_tile::FragmentType type, int64_t outer, int64_t row, int64_t col);
  mlir::SmallVector<Index> elementIndices(gpu_tile::FragmentType type, int64_t outer, int64_t row, int64_t col, unsigned element);
  mlir::SmallVector<Index> registerIndices(gpu_tile::FragmentType type, size_t reg, mlir::Value &valid);
  int64_t lanesPerRow(gpu_tile::FragmentType type);
  int64_t rowsPerWarp(gpu_tile::FragmentType type);
  int64_t rowsOf(gpu_tile::FragmentType type);
  Index laneRow() { return {div(lane, 4), 0, 7}; }

  // Elementwise work (EmitFragment.cpp, EmitMap.cpp).
  Values block(mlir::Value fragment, int64_t outer, int64_t row, int64_t col, LoadCache &cache);
  Values mapBlock(gpu_tile::MapOp op, int64_t outer, int64_t row, int64_t col, LoadCache &cache);
  Values blockOfShared(mlir::Value buffer, mlir::AffineMap map, gpu_tile::FragmentType type, int64_t outer, int64_t row, int64_t col);
  Values sharedInput(gpu_tile::MapOp op, unsigned input, int64_t outer, int64_t row, int64_t col, LoadCache &cache);
  mlir::FailureOr<mlir::Value> emitBody(gpu_tile::MapOp op, mlir::ArrayRef<mlir::Value> inputs, mlir::ArrayRef<Index> indices, bool wide);
  bool yieldsNarrowed(gpu_tile::MapOp op);
  mlir::Value pairMask(mlir::arith::SelectOp select, mlir::ArrayRef<Index> low, mlir::ArrayRef<Index> high);
  int64_t outerOf(gpu_tile::FragmentType operand, mlir::AffineMap map, gpu_tile::FragmentType result, int64_t outer);
  mlir::LogicalResult emit(gpu_tile::MapOp op);
  mlir::LogicalResult emitElements(gpu_tile::MapOp op);
  mlir::Value allEqual(gpu_tile::MapOp op);
  mlir::LogicalResult emit(gpu_tile::PutOp op);
  void putBlock(gpu_tile::PutOp op, int64_t outer, int64_t row, int64_t col, LoadCache &cache);
  mlir::LogicalResult emit(gpu_tile::CumsumOp op);
  mlir::LogicalResult emit(gpu_tile::LagOp op);
  struct Resets;
  Resets voteOn(mlir::Value reset, mlir::Value upTo);
  Values sumsOfLanes(mlir::Value v, mlir::Value before, const Resets *resets);
  mlir::LogicalResult emit(gpu_tile::ConstantOp op);

  // Maps below the diagonal (EmitCausal.cpp).
  /// A product of inputs and of exp2(sum of the row - sum of the column), by their numbers.
  struct CausalMap {
    mlir::SmallVector<unsigned> ofRows, ofColumns, others;
    unsigned sumOfRow = 0, sumOfColumn = 0;
  };
  std::optional<CausalMap> causalMapOf(gpu_tile::MapOp op);
  Values inputBlock(gpu_tile::MapOp op, unsigned input, int64_t outer, int64_t row, int64_t col, LoadCache &cache);
  Values factoredBlock(gpu_tile::MapOp op, const CausalMap &causal, int64_t outer, int64_t row, int64_t col, LoadCache &cache,
                       LoadCache &factors);
  void emitCausalRows(gpu_tile::MapOp op, const CausalMap &causal, int64_t group, Values &result);
  Values emitCausal(gpu_tile::MapOp op, const CausalMap &causal, int64_t begin, int64_t end);

  // Matrix products (EmitContract.cpp).
  mlir::LogicalResult emit(gpu_tile::ContractOp op);
  Values rowsBlock(gpu_tile::ContractOp op, int64_t row, int64_t k, LoadCache &cache);
  Values columnsBlock(gpu_tile::ContractOp op, int64_t row, int64_t col, int64_t k);
  Values tf32Operands(mlir::ArrayRef<mlir::Value> values, bool rounded);
  void multiply(mlir::MutableArrayRef<mlir::Value> acc, Values a, Values columns, mlir::Type element, int64_t k);
  void multiplyTf32(mlir::MutableArrayRef<mlir::Value> acc, mlir::ArrayRef<mlir::Value> a, mlir::ArrayRef<mlir::Value> columns);
  void multiplySplit(mlir::MutableArrayRef<mlir::Value> acc, mlir::ArrayRef<Values> a, mlir::ArrayRef<Values> columns, unsigned tile);
  void multiplyBlock(Values &acc, mlir::ArrayRef<Values> a, mlir::ArrayRef<Values> columns, gpu_tile::ContractOp op);

  // Device memory (EmitCopy.cpp, EmitTransfer.cpp).
  struct Transfer {
    Memref memref;
    mlir::Type memElement;
    mlir::SmallVector<int64_t> shape, dims;
    mlir::Value base; // pointer to the tile's first element
    Values limits;    // i32, clamped to the shape; null where the whole dimension is valid
    mlir::Value innerOffset;
  };
  template <typename Op> Transfer transferOf(Op op, mlir::ArrayRef<int64_t> shape);
  mlir::Value globalPointer(const Transfer &transfer, mlir::ArrayRef<Index> indices);
  mlir::Value within(const Transfer &transfer, mlir::ArrayRef<Index> indices, bool skipLast = false);
  mlir::Value wideAccess(const Transfer &transfer, mlir::Value memref);
  mlir::SmallVector<Index> pieceIndices(const Transfer &transfer, int64_t k, mlir::Value &valid);
  void eachElement(const Transfer &transfer, llvm::function_ref<void(mlir::ArrayRef<Index>)> body);
  void eachPiece(const Transfer &transfer, llvm::function_ref<void(mlir::ArrayRef<Index>)> body);
  void moveTile(const Transfer &transfer, mlir::Value memref, llvm::function_ref<void(mlir::ArrayRef<Index>)> piece,
                llvm::function_ref<void(mlir::ArrayRef<Index>)> element);
  mlir::LogicalResult emit(gpu_tile::CopyOp op);
  mlir::LogicalResult emit(gpu_tile::WriteOp op);
  mlir::LogicalResult emit(gpu_tile::LoadOp op);
  mlir::LogicalResult emit(gpu_tile::StoreOp op);
  mlir::LogicalResult emit(tile::ReleaseOp op);
  mlir::LogicalResult emit(tile::AcquireOp op);
  template <typename Op> mlir::Value flagPointer(Op op);
  mlir::Value loadElement(const Transfer &transfer, mlir::ArrayRef<Index> indices, mlir::Value valid, mlir::Type element);
  Values loadRegisters(const Transfer &transfer, gpu_tile::FragmentType type);
  void storeRegisters(const Transfer &transfer, gpu_tile::FragmentType type, mlir::ArrayRef<mlir::Value> values);
  void ifValid(mlir::Value condition, llvm::function_ref<void()> body);

  // Values that are not finite (EmitNotFinite.cpp).
  mlir::LogicalResult emit(gpu_tile::NotFiniteOp op);
  mlir::LogicalResult emit(gpu_tile::GuardOp op);
  Values finiteOf(gpu_tile::GuardOp op);
  Values guardedSums(gpu_tile::GuardOp op);
  mlir::Value anyReset(mlir::Value resets);
  mlir::LogicalResult emit(gpu_tile::SinceResetOp op);
  Values eachElementOf(gpu_tile::FragmentType type, mlir::ValueRange values,
                       llvm::function_ref<mlir::Value(mlir::Value, mlir::ArrayRef<Index>)> body);
  mlir::Value isFinite(mlir::Value x);
  mlir::Value anyOfWarp(mlir::ArrayRef<mlir::Value> values, mlir::Type element);
  Values rarely(mlir::Value condition, mlir::ArrayRef<mlir::Value> values, llvm::function_ref<Values()> body);
  Values overTokens(int64_t tokens, mlir::ArrayRef<mlir::Value> values, llvm::function_ref<Values(mlir::Value, mlir::ValueRange)> body);

  // Token by token (EmitScan.cpp).
  mlir::LogicalResult emit(gpu_tile::ScanOp op);
  mlir::LogicalResult emit(gpu_tile::SpansOp op);
  mlir::LogicalResult emit(gpu_tile::SolveOp op);
  void eachColumn(int64_t columns, llvm::function_ref<void(mlir::Value)> body);
  void solveColumn(gpu_tile::SolveOp op, Index head, Index column);
  struct ScanPlace;
  void scanSequential(gpu_tile::ScanOp op);
  Values loadRows(const ScanPlace &at, mlir::Value rows, Index token, Index head);
  mlir::Value sumOfRows(mlir::ArrayRef<mlir::Value> factors, mlir::ArrayRef<mlir::Value> states, const ScanPlace &at, int64_t k);
  Values correctionOf(gpu_tile::ScanOp op, const ScanPlace &at, mlir::ArrayRef<mlir::Value> states, Index token, Index head,
                      mlir::Value valid);
  void decayRows(gpu_tile::ScanOp op, const ScanPlace &at, mlir::MutableArrayRef<mlir::Value> states, Index token, Index head);
  void scanAssociative(gpu_tile::ScanOp op);

  // Roles, barriers in shared memory, bulk copies, wgmma (EmitWarpgroup.cpp).
  Values assembly(llvm::StringRef text, mlir::ValueRange inOut, mlir::ValueRange in);
  mlir::LogicalResult emit(gpu_tile::RoleOp op);
  mlir::LogicalResult emit(gpu_tile::AwaitLaunchOp op);
  mlir::LogicalResult emit(gpu_tile::MbarriersOp op);
  mlir::LogicalResult emit(gpu_tile::ArriveOp op);
  mlir::LogicalResult emit(gpu_tile::ExpectOp op);
  mlir::LogicalResult emit(gpu_tile::AwaitOp op);
  mlir::LogicalResult emit(gpu_tile::FetchOp op);
  mlir::LogicalResult emit(gpu_tile::FlushOp op);
  mlir::LogicalResult emit(gpu_tile::DrainOp op);
  mlir::LogicalResult emit(gpu_tile::FenceOp op);
  mlir::LogicalResult emit(gpu_tile::WgmmaOp op);
  mlir::LogicalResult emit(gpu_tile::WgmmaWaitOp op);
  void awaitBefore(mlir::Value rows, Values &acc);
  mlir::Value barrierPointer(mlir::Value barriers, mlir::Value index, int64_t *constant = nullptr);
  void collectTensorMaps();
  void describeTensorMaps(unsigned firstArgument);
  mlir::Value tensorMapPointer(const TensorMap &map);
  template <typename Op> Values coordinates(Op op);
  template <typename Op> void eachPanel(Op op, mlir::Value tile, llvm::function_ref<void(mlir::Value, mlir::ArrayRef<mlir::Value>)> body);
  mlir::Value matrixDescriptor(mlir::Value tile, int64_t panelBytes);

  gpu_tile::KernelOp kernel;
  mlir::ImplicitLocOpBuilder b;
  mlir::LLVM::LLVMFuncOp function;
  mlir::IRMapping scalars;
  llvm::DenseMap<mlir::Value, Values> registers;
  llvm::DenseMap<mlir::Value, mlir::Value> buffers; // shared values to pointers
  /// As they are called now, and at the kernel's entry.
  llvm::DenseMap<mlir::Value, Memref> memrefs, entryMemrefs;
  std::map<std::pair<void *, int64_t>, mlir::Value> alignments;
  mlir::SmallVector<TensorMap> tensorMaps;
  /// The thread's number in the block, and in the group that runs the same role; that group's number, null outside of roles.
  mlir::Value blockThread, thread, lane, warp, part, sharedBase;
  gpu_tile::RoleOp role;
  /// The number of blocks whose work there is, in a kernel that may have fewer.
  mlir::Value allBlocks;
  /// The counter of a loop over blocks that is in shared memory.
  mlir::Value keptBlockNumber;
  /// Part i of the role has barrier firstBarrier + i.
  int64_t threads, firstBarrier = 0, nextBarrier = 1;
  /// Which warp along the rows runs the code that is being written, if it is for one only.
  std::optional<int64_t> knownRowGroup;
  /// Whether the elements of ascending inputs are known to be equal, in the code that is being written.
  bool ascendingEqual = false;
  /// stmatrix, which came with sm_90.
  bool storesMatrices = false;
  bool bad = false;
};

} // namespace mixc::gpu
