// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Writes the body of one kernel as loops over vectors of scratch memory. TileBuffers has decided where tiles lie.
#pragma once

#include "KernelOps.h"
#include "TileBuffers.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"

namespace mixc::cpu {

/// An index and the bytes that one step of it takes.
struct Term {
  mlir::Value index;
  int64_t bytes;
};

/// What a scan multiplies a row of its state by, and whether that keeps anything; null where nothing decays.
struct RowDecay {
  mlir::Value factor, excess, keeps;
};

/// A vector as it travels through memory and registers that no arithmetic is done on, bf16 as i16; and back.
mlir::Value toMemory(mlir::ImplicitLocOpBuilder &b, mlir::Value vector);
mlir::Value fromMemory(mlir::ImplicitLocOpBuilder &b, mlir::Value raw, mlir::Type elem);

/// Transposes a square block in registers, a vector a row.
void transposeBlock(mlir::ImplicitLocOpBuilder &b, llvm::MutableArrayRef<mlir::Value> rows);

class KernelEmitter : public mlir::ImplicitLocOpBuilder {
public:
  KernelEmitter(tile::KernelOp kernel, const TileBuffers &buffers, int64_t vectorWidth);

  /// Emits everything at the builder's insertion point, for a kernel called with these arguments.
  void emit(mlir::Value params, mlir::Value block, mlir::Value scratch);

private:
  /// A memref argument: its address and the bytes between neighbours along each dimension.
  struct Edge {
    mlir::Value pointer;
    llvm::SmallVector<mlir::Value> strides;
    tile::StepsOp steps;     ///< of one of its dimensions, or null
    tile::EarlierOp earlier; ///< the same
  };
  /// How a linalg operation reads or writes a tile inside its loops.
  struct Operand {
    Tile tile;
    LinearAccess access;
    mlir::Value vector; ///< once loaded
  };
  /// Where a tile lies that needs no place in scratch memory, if `isThere`: its first element, the bytes between rows (null where they lie
  /// as in scratch memory), and those to what the next trip of the loop over tokens reads (null outside of one).
  struct InMemory {
    mlir::Value pointer, rowBytes, isThere, ahead;
  };
  struct Nest;
  struct MicroKernel;
  struct Fused;
  struct Transfer;
  struct ScanNest;
  struct ScanEntries;
  struct RowVectors;
  struct Rows;
  struct RowWork;
  using ReadRows = llvm::DenseMap<std::pair<mlir::OpOperand *, int64_t>, mlir::Value>; ///< by operand and offset

  // KernelEmitter.cpp: arguments and control flow
  void readArguments(mlir::Value params, mlir::Value block);
  void emitReverse(tile::ReverseOp op);
  void emitSequence(tile::SequenceOp op);
  void emitKept(tile::KeptOp op);
  void emitSeed(tile::SeedOp op);
  void emitBlock(mlir::Block &block);
  void emitOp(mlir::Operation *op);
  void emitInPlace(mlir::Operation *op);
  void emitFor(mlir::scf::ForOp op);
  void emitIf(mlir::scf::IfOp op);
  void emitYield(mlir::ValueRange yielded, llvm::ArrayRef<Tile> places);
  void emitLinalg(mlir::linalg::LinalgOp op);
  void copyOperands(mlir::Operation *op);
  /// body(i) for i = 0, step, .. below size. No loop for a single iteration.
  void loop(int64_t size, int64_t step, llvm::function_ref<void(mlir::Value)> body);
  Tile placeOf(mlir::OpOperand &operand) const;

  // Copy.cpp
  /// Copies a tile, also into another layout; fills with a splat. Nothing to do where both are the same place.
  void copy(const Tile &from, const Tile &to);
  void copyTransposed(const Tile &from, const Tile &to);

  // Elementwise.cpp, Contract.cpp, Sums.cpp, Scan.cpp, CorrectedScan.cpp
  void emitElementwise(mlir::linalg::LinalgOp op);
  void elementwiseLevel(Nest &nest, unsigned level);
  /// The values that a body yields, as vectors. `args` may be null where the body does not use them; `position` gives
  /// the index along a loop, of the first lane.
  llvm::SmallVector<mlir::Value> evaluate(mlir::linalg::LinalgOp op, mlir::ValueRange args, int64_t lanes, int64_t vectorLoop,
                                          llvm::function_ref<mlir::Value(int64_t)> position);
  mlir::Value vectorOperand(mlir::IRMapping &vectors, mlir::Value value, int64_t lanes);
  /// With the operation that computes what it starts from, and the one that takes its result, if they are fused.
  void emitContraction(mlir::linalg::LinalgOp op, mlir::linalg::LinalgOp after);
  Fused fuse(const MicroKernel &kernel, mlir::linalg::LinalgOp contraction, mlir::linalg::LinalgOp op);
  mlir::Value evaluateFused(MicroKernel &kernel, Fused &fused, int64_t row, int64_t vector, mlir::Value chained);
  void contractionPanels(MicroKernel &kernel, unsigned level);
  void contractionBlock(MicroKernel &kernel, int64_t rows);
  mlir::Value contractionStart(MicroKernel &kernel, int64_t row, int64_t vector);
  llvm::SmallVector<mlir::Value> contractionSteps(MicroKernel &kernel, int64_t rows, unsigned level, llvm::SmallVector<mlir::Value> sums);
  void eachRow(const Tile &tile, llvm::function_ref<void(llvm::SmallVector<mlir::Value> &)> body);
  void emitCumsum(tile::CumsumOp op);
  void emitLag(tile::LagOp op);
  void emitRunningSum(tile::RunningSumOp op);
  void emitRunningMax(tile::RunningMaxOp op);
  void emitSpans(tile::SpansOp op);
  void emitSpans(tile::SpansOp op, size_t level);
  void emitSolve(tile::SolveOp op);
  void solveColumns(const Tile &matrix, const Tile &sums, const Tile &result, mlir::Value h, mlir::Value p, int64_t lanes, int64_t vectors);
  void emitScan(tile::ScanOp op);
  void scanTokens(ScanNest &nest);
  void scanColumns(ScanNest &nest);
  void scanHead(ScanNest &nest);
  void scanBlock(ScanNest &nest, mlir::Value firstRow);
  void scanCorrected(ScanNest &nest);
  void clearRowSums(const ScanNest &nest);
  void addRowSums(const ScanNest &nest, mlir::Value q, mlir::Value firstRow, llvm::SmallVector<mlir::Value> sums);
  mlir::Value readState(const ScanNest &nest, const Tile &tile, mlir::Value firstRow, int64_t row, int64_t vector);
  void writeState(const ScanNest &nest, mlir::Value state, mlir::Value firstRow, int64_t row, int64_t vector);
  mlir::Value readColumns(const ScanNest &nest, const Tile &tile, mlir::Value q, int64_t vector);
  mlir::Value readEntry(const ScanNest &nest, const ScanEntries &entries, mlir::Value q, mlir::Value firstRow, int64_t row, int64_t vector);
  mlir::Value readInput(const ScanNest &nest, const Operand &input, llvm::ArrayRef<mlir::Value> ivs, int64_t row, int64_t vector);
  mlir::Value readX(const ScanNest &nest, mlir::Value q, int64_t vector);
  void readFixedInputs(ScanNest &nest, mlir::Value firstRow);
  mlir::Value computeEntry(const ScanNest &nest, const ScanEntries &entries, llvm::ArrayRef<mlir::Value> ivs, int64_t row, int64_t vector);
  RowDecay readDecay(const ScanNest &nest, mlir::Value q, mlir::Value firstRow, int64_t row, const RowDecay &ofHead, int64_t vector);
  llvm::SmallVector<mlir::Value> emitStep(ScanNest &nest, mlir::Value q, mlir::TypeRange types,
                                          llvm::function_ref<llvm::SmallVector<mlir::Value>(const RowDecay &ofHead)> body);
  mlir::Value nextState(const RowDecay &decay, mlir::Value state, llvm::ArrayRef<std::pair<mlir::Value, mlir::Value>> products);

  // RescaledScan.cpp
  void scanRescaled(ScanNest &nest, tile::ScanOp op);
  void rescaleRows(const ScanNest &nest, const ScanNest &scaled);
  mlir::Value rescaleToken(RowVectors at, mlir::Value next);
  void settleProducts(RowVectors at, mlir::Value q);
  mlir::Value readRows(const RowVectors &at, const ScanEntries &from);
  void writeRows(const RowVectors &at, const ScanEntries &from, const ScanEntries &to, mlir::Value scale);
  mlir::Value readProduct(const RowVectors &at, const Tile &products, mlir::Value q);
  void writeProducts(const RowVectors &at, mlir::Value q, mlir::Value product, mlir::Value change);
  mlir::Value wholeState(const ScanNest &nest, mlir::Value state, mlir::Value q, mlir::Value firstRow, int64_t row);

  // RowSums.cpp
  bool lieAlike(llvm::ArrayRef<mlir::linalg::LinalgOp> ops) const;
  void emitRows(llvm::ArrayRef<mlir::linalg::LinalgOp> ops);
  void aroundRows(Rows &rows, llvm::MutableArrayRef<RowWork> works, unsigned level);
  void emitRow(Rows &rows, llvm::MutableArrayRef<RowWork> works);
  llvm::SmallVector<llvm::SmallVector<mlir::Value> *> openRows(const Rows &rows, llvm::MutableArrayRef<RowWork> works, unsigned level);
  llvm::SmallVector<mlir::Value> insideRow(Rows &rows, llvm::ArrayRef<RowWork> works, unsigned level, mlir::ValueRange sums);
  llvm::SmallVector<mlir::Value> rowVectors(const Rows &rows, llvm::ArrayRef<RowWork> works, mlir::ValueRange sums);
  mlir::Value rowValue(const Rows &rows, const RowWork &work, int64_t number, mlir::Value sums, const mlir::IRMapping &made,
                       ReadRows &read);
  mlir::Value addLanes(llvm::SmallVector<mlir::Value> vectors);
  void writeLaneSums(const Rows &rows, const RowWork &work, llvm::function_ref<mlir::Value(int64_t)> ofVector);
  mlir::Value readRow(const Rows &rows, const Operand &from, int64_t number);
  void writeRow(const Rows &rows, mlir::Value vector, const Operand &to, int64_t number);

  // NotFinite.cpp
  mlir::Value isFinite(mlir::Value x);
  mlir::Value anyNotFinite(const Tile &tile, llvm::SmallVector<mlir::Value> ivs);
  void when(mlir::Value condition, llvm::function_ref<void()> body);
  void emitGuard(tile::GuardOp op);
  void forgetSums(const Tile &sums, const Tile &resets, bool pre);
  void markSums(const Tile &sums, const Tile &x, const std::optional<Tile> &resets, bool pre);
  void emitSinceReset(tile::SinceResetOp op);

  // Transfer.cpp
  void emitLoad(tile::LoadOp op);
  void emitStore(tile::StoreOp op);
  template <typename Op> void openTransfer(Transfer &transfer, Op op, mlir::Value memref);
  template <typename Op> mlir::Value bytesToNext(Op op, mlir::Value memref);
  void prefetchNext(const Transfer &transfer, mlir::Value memory);
  void emitTransfer(Transfer &transfer);
  void transferLevel(Transfer &transfer, unsigned level);
  mlir::Value maskOf(const Transfer &transfer, int64_t dim, int64_t lanes);
  void transferRow(Transfer &transfer);
  void transferBlocks(Transfer &transfer);
  void transferBlock(Transfer &transfer, int64_t lanes);
  void transferElement(Transfer &transfer);
  mlir::Value offsetOf(const Transfer &transfer);
  void transferVector(Transfer &transfer, int64_t lanes, bool inside, mlir::Value mask);

  // InMemory.cpp
  void openInMemory(mlir::Value tile);
  template <typename Op> void openInMemory(Op op, mlir::Value memref);
  template <typename Op> mlir::Value addressInTensor(Op op, mlir::Value memref);
  template <typename Op> mlir::Value isWhole(Op op, const Tile &tile);
  void unlessInMemory(const Tile &tile, llvm::function_ref<void()> body);
  void fetchAhead(const Tile &tile, mlir::Value pointer);
  mlir::Value addressInMemory(const Tile &tile, int64_t element, llvm::ArrayRef<int64_t> strides, mlir::ValueRange indices);

  // CarriedTiles.cpp
  template <typename Op> mlir::Value isDense(Op op, mlir::Value memref, const Tile &tile, mlir::Value condition);
  void startCarried(const CarriedTile &carried);
  void openCarried(const CarriedTile &carried, mlir::Value counter);

  // Memory.cpp
  mlir::Value index(int64_t value);
  mlir::Value f32(float value, int64_t lanes);
  mlir::Value scalar(double value, mlir::Type type);
  /// A number of the program, as the function has it.
  mlir::Value valueOf(mlir::OpFoldResult ofr);
  /// One element of a tile, as a scalar.
  mlir::Value readElement(const Tile &tile, mlir::ValueRange ivs);
  void writeElement(mlir::Value element, const Tile &tile, mlir::ValueRange ivs);
  /// base + bytes + sum of the terms.
  mlir::Value address(mlir::Value base, int64_t bytes, llvm::ArrayRef<Term> terms);
  mlir::Value address(const Tile &tile, int64_t element, llvm::ArrayRef<int64_t> strides, mlir::ValueRange indices);
  mlir::Value loadVector(mlir::Type elem, int64_t lanes, mlir::Value pointer);
  /// `lanes` elements of a tile, `along` elements apart, the first at element + sum of coefficients * ivs.
  mlir::Value read(const Tile &tile, int64_t element, llvm::ArrayRef<int64_t> coefficients, mlir::ValueRange ivs, int64_t along,
                   int64_t lanes);
  void write(mlir::Value vector, const Tile &tile, int64_t element, llvm::ArrayRef<int64_t> coefficients, mlir::ValueRange ivs,
             int64_t along);
  void storeVector(mlir::Value vector, mlir::Value pointer);
  mlir::Value loadMasked(mlir::Type elem, mlir::Value pointer, mlir::Value mask); ///< zero where the mask is off
  void storeMasked(mlir::Value vector, mlir::Value pointer, mlir::Value mask);
  mlir::Value splat(mlir::Value scalar, int64_t lanes);
  /// Vector or scalar conversion between float types.
  mlir::Value convert(mlir::Value value, mlir::Type elem);
  static Operand accessTo(const Tile &tile, mlir::AffineMap map);

  tile::KernelOp kernel;
  const TileBuffers &buffers;
  int64_t vectorWidth;
  mlir::Value scratch;
  tile::SequenceTable sequences;
  tile::KeptStates kept;
  tile::SeedAddress seed;
  mlir::Value bands;
  mlir::IRMapping scalars;
  llvm::DenseMap<mlir::Value, Edge> edges;
  llvm::DenseMap<int64_t, InMemory> inMemory; ///< by the class of tiles
};

} // namespace mixc::cpu
