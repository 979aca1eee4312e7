// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Pieces of rows between device memory and registers: each at once where the tensor allows it, else element by element.

#include "TransferEmitter.h"

using namespace mlir;
using namespace mixc;
using namespace mixc::gpu;
using namespace mixc::gpu_tile;

/// Whether the tensor's pieces can be moved at once; null if they never can.
Value TransferEmitter::movesPieces(const Transfer &transfer, FragmentType type, Value memref) {
  const int64_t width = cast<PiecesAttr>(type.getLayout()).getWidth();
  return width > 1 ? wideAccess(transfer, memref, width) : Value();
}

static Value bothOf(OpBuilder &b, Location loc, Value x, Value y) { return !x ? y : !y ? x : Value(arith::AndIOp::create(b, loc, x, y)); }

/// The fragment's registers.
Values TransferEmitter::loadPieces(const Transfer &transfer, FragmentType type, bool wide) {
  auto layout = cast<PiecesAttr>(type.getLayout());
  const bool pairs = wide && holdsPairs(type) && transfer.memElement == type.getElementType(); // as they are in memory
  const int64_t width = wide ? layout.getWidth() : 1;
  const bool inAllGroups = rowsInPieces(type.getShape()) == 1;
  Values result;
  for (size_t reg = 0, count = elementCount(type); reg < count; reg += width) {
    Value withRow, withPiece;
    SmallVector<Index> indices = pieceIndices(type, reg, withRow, withPiece);
    Value valid = bothOf(b, b.getLoc(), inAllGroups ? Value() : withRow, withPiece);
    if (width == 1) {
      result.push_back(loadElement(transfer, indices, bothOf(b, b.getLoc(), valid, within(transfer, indices)), type.getElementType()));
      continue;
    }
    const int64_t registers = pairs ? width / 2 : width;
    Type pieceType = VectorType::get(registers, pairs ? Type(b.getI32Type()) : transfer.memElement);
    auto load = [&]() -> Value {
      return LLVM::LoadOp::create(b, pieceType, globalPointer(transfer, indices), width * transfer.memElement.getIntOrFloatBitWidth() / 8);
    };
    valid = bothOf(b, b.getLoc(), valid, within(transfer, indices));
    Value piece;
    if (!valid) {
      piece = load();
    } else {
      auto branch = scf::IfOp::create(b, TypeRange{pieceType}, valid, /*withElseRegion=*/true);
      OpBuilder::InsertionGuard guard(b);
      b.setInsertionPointToStart(branch.thenBlock());
      scf::YieldOp::create(b, load());
      b.setInsertionPointToStart(branch.elseBlock());
      scf::YieldOp::create(b, LLVM::ZeroOp::create(b, pieceType).getResult());
      piece = branch.getResult(0);
    }
    for (int64_t e = 0; e < registers; ++e) {
      Value loaded = LLVM::ExtractElementOp::create(b, piece, i32(e));
      result.push_back(pairs ? loaded : converted(loaded, type.getElementType()));
    }
  }
  return pairs ? result : registersOf(type, result);
}

void TransferEmitter::storePieces(const Transfer &transfer, FragmentType type, ArrayRef<Value> registers, bool wide) {
  const Values values = elementsOf(type, registers);
  auto layout = cast<PiecesAttr>(type.getLayout());
  const int64_t width = wide ? layout.getWidth() : 1;
  for (size_t reg = 0; reg < values.size(); reg += width) {
    Value withRow, withPiece;
    SmallVector<Index> indices = pieceIndices(type, reg, withRow, withPiece);
    Value valid = bothOf(b, b.getLoc(), withRow, withPiece);
    if (width == 1) {
      storeElement(transfer, indices, valid, values[reg]);
      continue;
    }
    ifValid(bothOf(b, b.getLoc(), valid, within(transfer, indices)), [&] {
      Value piece = LLVM::UndefOp::create(b, VectorType::get(width, transfer.memElement));
      for (int64_t e = 0; e < width; ++e)
        piece = LLVM::InsertElementOp::create(b, piece, converted(values[reg + e], transfer.memElement), i32(e));
      LLVM::StoreOp::create(b, piece, globalPointer(transfer, indices), width * transfer.memElement.getIntOrFloatBitWidth() / 8);
    });
  }
}
