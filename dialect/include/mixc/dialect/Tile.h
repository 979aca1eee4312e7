// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The tile dialect: the program of one thread block over static value tiles. dialect/tile/*.td defines it.
#pragma once

#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Dialect.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"
#include "mlir/IR/OpDefinition.h"
#include "mlir/IR/SymbolTable.h"
#include "mlir/Interfaces/FunctionInterfaces.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "mlir/Interfaces/ViewLikeInterface.h"

#include "mixc/dialect/TileDialect.h.inc"
#include "mixc/dialect/TileEnums.h.inc"

#define GET_ATTRDEF_CLASSES
#include "mixc/dialect/TileAttrs.h.inc"

#define GET_OP_CLASSES
#include "mixc/dialect/TileOps.h.inc"

namespace mixc::tile {
/// Base-2 log decays below this are resets: 2^-150 rounds to zero in f32.
inline constexpr float kResetThreshold = -150.0f;
/// The entries of a buffer's shape that stand for run-time sizes.
inline constexpr int64_t kSizeBatch = -1, kSizeLength = -2, kSizeSplits = -3;

/// Whether there are blocks that divide so many tokens, with an anchor in each.
llvm::LogicalResult verifyBlocks(mlir::Operation *op, int64_t tokens, llvm::ArrayRef<int64_t> blocks, llvm::ArrayRef<int64_t> anchors);

/// Whether the dimensions that a tile of this rank runs along are distinct ones of the memref; reports on `op` where not.
llvm::LogicalResult verifyTransferDims(mlir::Operation *op, llvm::ArrayRef<int64_t> dims, int64_t memrefRank, int64_t rank);
/// Whether a transfer's offsets, dims and limits fit the memref and a tile of this rank, and its dynamic ones have an operand each;
/// reports on it where not.
template <typename Op> llvm::LogicalResult verifyTransfer(Op op, mlir::MemRefType memref, int64_t rank) {
  if (failed(mlir::verifyListOfOperandsOrIntegers(op, "offset", memref.getRank(), op.getStaticOffsets(), op.getOffsets())) ||
      failed(mlir::verifyListOfOperandsOrIntegers(op, "limit", rank, op.getStaticLimits(), op.getLimits())))
    return mlir::failure();
  return verifyTransferDims(op, op.getDims(), memref.getRank(), rank);
}
/// What a kernel's call says of its sequences, as i64: parameters of every kernel, behind span. `kinds` has a bit for each array that there
/// is, and for its width (mixc_sequence_kinds); the arrays' addresses are 0 where they are not.
struct SequenceTable {
  mlir::Value kinds, starts, source, target, hasInitial, order;
  static constexpr unsigned kParameters = 6;
};
/// Which states inside a call are kept, as i64: the last parameters of every kernel, before tensor maps. Entry k of sequence b, of `count`
/// that each has, is the place of the state after (k + 1) `every` tokens; bits of `kinds` say whether there are any, and their width.
struct KeptStates {
  mlir::Value places, count, every;
  static constexpr unsigned kParameters = 3;
};
/// Where the call's seed lies, as i64, 0 where there is none: the parameter behind those.
struct SeedAddress {
  mlir::Value address;
  static constexpr unsigned kParameters = 1;
};
/// The call's sizes, as i64.
struct SequenceSizes {
  mlir::Value batch, length, splits, span;
};
/// The results of the op, as i64, from scf, arith and llvm ops; arrays are in that address space.
llvm::SmallVector<mlir::Value> expandSequence(mlir::ImplicitLocOpBuilder &b, SequenceOp op, mlir::Value number, const SequenceSizes &sizes,
                                              const SequenceTable &table, unsigned addressSpace);
mlir::Value expandKept(mlir::ImplicitLocOpBuilder &b, mlir::Value batch, mlir::Value tokens, mlir::Value kinds, const KeptStates &kept,
                       unsigned addressSpace);
/// Of the kinds of sequences, as i64.
mlir::Value expandCopied(mlir::ImplicitLocOpBuilder &b, mlir::Value kinds);
/// Whether there is a seed, and the seed as i64.
std::pair<mlir::Value, mlir::Value> expandSeed(mlir::ImplicitLocOpBuilder &b, const SeedAddress &seed, unsigned addressSpace);
/// tile.stochastic_round as arith ops on integers.
void populateExpandRoundingPatterns(mlir::RewritePatternSet &patterns);
/// Terms of a reduction that can be written out.
inline constexpr int64_t kMostTerms = 512;
/// As linalg.generic with parallel loops: tensor.extract_slice with constant offsets, sizes and strides; reductions along dimensions, if
/// the result has all others in their order and there are at most kMostTerms terms.
/// Those that `keeps` names stay.
void populateToElementwisePatterns(mlir::RewritePatternSet &patterns, std::function<bool(mlir::linalg::GenericOp)> keeps = nullptr);
/// Whether a kernel takes what every kernel takes (five indices, then strided memrefs) and returns nothing; reports on it where not.
llvm::LogicalResult verifyKernelArguments(mlir::FunctionOpInterface kernel);
} // namespace mixc::tile
