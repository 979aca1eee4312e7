// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Writes one gpu_tile.kernel as an llvm.func: the function, its control flow, and each op by the emitter that knows its kind.
#pragma once

#include "MapCode.h"

namespace mixc::gpu {

class KernelEmitter : MapCode {
public:
  KernelEmitter(KernelState &state, llvm::StringRef name, mlir::Operation *before);
  mlir::LogicalResult run();

private:
  // The function, and ops that are a line or two (KernelEmitter.cpp).
  void createFunction(llvm::StringRef name, mlir::Operation *before);
  void nameArguments(mlir::Block &entry);
  mlir::LogicalResult emitBlock(mlir::Block &block);
  mlir::LogicalResult emitOp(mlir::Operation &op);
  mlir::LogicalResult emit(gpu_tile::ConstantOp op);
  mlir::LogicalResult emit(gpu_tile::AllocOp op);
  void emit(gpu_tile::SlotOp op);
  void emit(gpu_tile::BarrierOp op);
  void emit(gpu_tile::BlockOp op);
  void emit(tile::SequenceOp op);
  void emit(tile::KeptOp op);
  void emit(tile::SeedOp op);
  Memref reversed(tile::ReverseOp op);
  /// The kernel's leading parameters, as `make` gives them.
  unsigned nameSizes(llvm::function_ref<mlir::Value(mlir::Value)> make);

  // Loops, branches and roles (EmitControl.cpp).
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
  mlir::LogicalResult emit(mlir::scf::ForOp op);
  mlir::LogicalResult emit(mlir::scf::IfOp op);
  mlir::LogicalResult emit(gpu_tile::RoleOp op);
  mlir::LogicalResult emit(gpu_tile::SingleOp op);
  void electThread();
  Values flatten(mlir::ValueRange values);
  mlir::SmallVector<mlir::Type> flatTypes(mlir::TypeRange types);
  size_t bind(mlir::Value old, mlir::ValueRange fresh, size_t at);
};

} // namespace mixc::gpu
