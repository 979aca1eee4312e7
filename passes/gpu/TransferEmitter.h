// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Tiles between device memory and registers (EmitTransfer.cpp, EmitRowPieces.cpp) or shared memory (EmitCopy.cpp), and flags in device
// memory.
#pragma once

#include "FragmentCode.h"

namespace mixc::gpu {

class TransferEmitter : FragmentCode {
public:
  explicit TransferEmitter(KernelState &state) : FragmentCode(state) {}
  mlir::LogicalResult emit(gpu_tile::CopyOp op);
  mlir::LogicalResult emit(gpu_tile::WriteOp op);
  mlir::LogicalResult emit(gpu_tile::LoadOp op);
  mlir::LogicalResult emit(gpu_tile::StoreOp op);
  mlir::LogicalResult emit(tile::ReleaseOp op);
  mlir::LogicalResult emit(tile::AcquireOp op);

private:
  struct Transfer {
    Memref memref;
    mlir::Type memElement;
    mlir::SmallVector<int64_t> shape, dims;
    mlir::Value base; // pointer to the tile's first element
    Values limits;    // i32, clamped to the shape; null where the whole dimension is valid
    Values starts;    // i32, the first valid index, clamped alike; null where that is 0
    mlir::Value innerOffset;
    bool isStore = false;
    int64_t pieceBytes = 16;
    /// Elements of a piece.
    int64_t perPiece() const { return pieceBytes * 8 / memElement.getIntOrFloatBitWidth(); }
    /// Whether the tile's dimension counts steps of the tensor's.
    bool isStepped(size_t d) const { return memref.steps && dims[d] == int64_t(tile::StepsOp(memref.steps).getDim()); }
  };
  template <typename Op> Transfer transferOf(Op op, mlir::ArrayRef<int64_t> shape);
  mlir::Value stepOffset(const Transfer &transfer, const Index &index);
  mlir::Value globalPointer(const Transfer &transfer, mlir::ArrayRef<Index> indices);
  mlir::Value within(const Transfer &transfer, mlir::ArrayRef<Index> indices);
  mlir::Value wideAccess(const Transfer &transfer, mlir::Value memref, int64_t perPiece);
  mlir::Value movesPieces(const Transfer &transfer, gpu_tile::FragmentType type, mlir::Value memref);
  Values loadPieces(const Transfer &transfer, gpu_tile::FragmentType type, bool wide);
  void storePieces(const Transfer &transfer, gpu_tile::FragmentType type, mlir::ArrayRef<mlir::Value> values, bool wide);
  mlir::SmallVector<Index> copiedPiece(const Transfer &transfer, int64_t k, mlir::Value &valid);
  void eachElement(const Transfer &transfer, llvm::function_ref<void(mlir::ArrayRef<Index>)> body);
  void eachPiece(const Transfer &transfer, llvm::function_ref<void(mlir::ArrayRef<Index>)> body);
  using PieceBody = llvm::function_ref<void(mlir::ArrayRef<Index>, int64_t bytes)>;
  void moveTile(Transfer transfer, mlir::Value memref, PieceBody piece, llvm::function_ref<void(mlir::ArrayRef<Index>)> element);
  void moveStrips(Transfer transfer, int64_t strips, mlir::Value memref, PieceBody piece,
                  llvm::function_ref<void(mlir::ArrayRef<Index>)> element);
  template <typename Op> mlir::Value flagPointer(Op op);
  mlir::Value loadElement(const Transfer &transfer, mlir::ArrayRef<Index> indices, mlir::Value valid, mlir::Type element);
  mlir::Value converted(mlir::Value value, mlir::Type element);
  Values loadRegisters(const Transfer &transfer, gpu_tile::FragmentType type, mlir::Value memref);
  void storeRegisters(const Transfer &transfer, gpu_tile::FragmentType type, mlir::ArrayRef<mlir::Value> values, mlir::Value memref);
  void storeElement(const Transfer &transfer, mlir::ArrayRef<Index> indices, mlir::Value valid, mlir::Value value);
};

} // namespace mixc::gpu
