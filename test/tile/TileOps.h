// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Single ops on tiles and scalars in float64, for the interpreter.
#pragma once

#include "mixc/dialect/Tile.h"
#include <optional>
#include <vector>

namespace mixc::test {

/// The nearest number that the type has; float64 stands for f32.
double rounded(double value, mlir::Type type);

/// Row by row.
struct Tile {
  Tile() = default;
  explicit Tile(double scalar) : values{scalar} {}
  explicit Tile(mlir::RankedTensorType type) : shape(type.getShape()), element(type.getElementType()), values(type.getNumElements(), 0.0) {}
  double at(llvm::ArrayRef<int64_t> index) const;

  llvm::SmallVector<int64_t> shape;
  mlir::Type element;
  std::vector<double> values;
};

/// An integer (index, i1, ..) or a float.
struct Scalar {
  int64_t i = 0;
  double f = 0;
};

/// All indices of a shape, the last dimension fastest.
class Walk {
public:
  explicit Walk(llvm::ArrayRef<int64_t> shape);
  bool done() const { return count == total; }
  void next();
  int64_t number() const { return count; }
  int64_t operator[](size_t dim) const { return index[dim]; }
  llvm::ArrayRef<int64_t> indices() const { return index; }

private:
  llvm::SmallVector<int64_t> shape, index;
  int64_t count = 0, total = 1;
};

using Lookup = llvm::function_ref<Scalar(mlir::Value)>;

/// An op of arith or math; none if it is not known.
std::optional<Scalar> evaluateScalar(mlir::Operation *op, Lookup lookup);

/// Elementwise work and reductions; `outer` finds scalars from around the op.
std::optional<std::vector<Tile>> evaluateGeneric(mlir::linalg::GenericOp op, llvm::ArrayRef<Tile> operands, Lookup outer);
Tile evaluateContract(mlir::linalg::ContractOp op, const Tile &lhs, const Tile &rhs, Tile init);

/// tensor.empty, constants and the tile dialect's ops without regions; none for others.
std::optional<std::vector<Tile>> evaluateTileOp(mlir::Operation *op, llvm::ArrayRef<Tile> operands);

} // namespace mixc::test
