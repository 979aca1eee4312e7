// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What is known of a kernel while it is written as an llvm.func of arith, scf, llvm and nvvm ops, one thread's code. Fragments become lists
// of registers:
// mma: per block of 16 x 16 elements (outer index slowest, then row block, then column block) 8 f32 values, or 4 i32 values that
// hold two 16-bit elements each, in the order (tile 0 upper rows, tile 0 lower rows, tile 1 upper rows, tile 1 lower rows);
// lanes: per row, per 32 elements one value; pieces: per row, per piece, per element of it one value; linear: per `threads` elements one
// value.
#pragma once

#include "mixc/dialect/GpuTile.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"
#include <map>

namespace mixc::gpu {

using Values = mlir::SmallVector<mlir::Value>;

/// An index: a value that the thread computes plus a constant. `bits` are those that the value can have set, if known.
struct Index {
  mlir::Value value;
  int64_t constant = 0;
  uint64_t bits = ~uint64_t(0);
};

/// Loads of one op that several elements share.
using LoadCache = std::map<std::tuple<mlir::Operation *, unsigned, int64_t, int64_t, int64_t>, Values>;

/// A tensor in device memory.
struct Memref {
  mlir::Value pointer;
  Values strides;
  tile::StepsOp steps;     ///< of one of its dimensions, or null
  tile::EarlierOp earlier; ///< the same
};

/// What a bulk copy moves of a tensor: elements in each dimension.
struct TensorMap {
  int64_t tensor = 0;
  mlir::SmallVector<int64_t> box;
  bool operator==(const TensorMap &other) const { return tensor == other.tensor && box == other.box; }
};

/// Loops and stores of so many registers have none to spare for addresses.
inline constexpr size_t kManyRegisters = 32;

struct KernelState {
  explicit KernelState(gpu_tile::KernelOp kernel)
      : kernel(kernel), b(kernel.getLoc(), kernel.getContext()), threads(kernel.getThreads()),
        storesMatrices(kernel.getArch() == "sm_90a") {}

  gpu_tile::KernelOp kernel;
  mlir::ImplicitLocOpBuilder b;
  mlir::LLVM::LLVMFuncOp function;
  /// What was written once is not written again where it is known: constants, all of them at the entry, and integers computed of a value
  /// and another one.
  llvm::DenseMap<mlir::Attribute, mlir::Value> constants;
  std::map<std::tuple<const void *, void *, void *>, mlir::Value> integers;
  mlir::IRMapping scalars;
  llvm::DenseMap<mlir::Value, Values> registers;
  llvm::DenseMap<mlir::Value, mlir::Value> buffers; // shared values to pointers
  /// As they are called now, and at the kernel's entry.
  llvm::DenseMap<mlir::Value, Memref> memrefs, entryMemrefs;
  /// Whether a tensor's pieces of so many bytes along a dimension are aligned.
  std::map<std::tuple<void *, int64_t, int64_t>, mlir::Value> alignments;
  mlir::SmallVector<TensorMap> tensorMaps;
  /// The thread's number in the block, and in the group that runs the same role; that group's number, null outside of roles.
  mlir::Value blockThread, thread, lane, warp, part, sharedBase;
  gpu_tile::RoleOp role;
  /// What the call says of its sequences: parameters of the function.
  tile::SequenceTable sequences;
  tile::KeptStates kept;
  tile::SeedAddress seed;
  /// The parameter that says how many bands of heads there are, in a program of any number.
  mlir::Value bands;
  /// The number of blocks whose work there is, in a kernel that may have fewer.
  mlir::Value allBlocks;
  /// The counter of a loop over blocks that is in shared memory.
  mlir::Value keptBlockNumber;
  /// Threads that run the code that is being written. Part i of the role has barrier firstBarrier + i.
  int64_t threads, firstBarrier = 0, nextBarrier = 1;
  /// Which warp along the rows runs the code that is being written, if it is for one only.
  std::optional<int64_t> knownRowGroup;
  /// Whether the elements of ascending inputs are known to be equal, in the code that is being written.
  bool ascendingEqual = false;
  /// stmatrix, which came with sm_90.
  bool storesMatrices = false;
  /// Whether something was reported where there is no way to fail.
  bool bad = false;
};

} // namespace mixc::gpu
