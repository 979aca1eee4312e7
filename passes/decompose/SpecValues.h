// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Values of a spec as tiles: loads of the arguments and the elementwise work around the recurrence, fused into one
// generic per tile that is needed.
#pragma once

#include "TileBuilder.h"

namespace mixc {

/// A value of the spec, or a scalar inside the body of the map that yields one.
struct Expr {
  mlir::Value value;
  mlir::Value scalar;
};

/// Tokens with the tiles already made for them.
struct TokenScope : TokenRange {
  TokenScope(mlir::Value first, mlir::Value valid) : TokenRange{first, valid} {}
  llvm::DenseMap<mlir::Value, Tile> tiles;
  /// How many tokens earlier arguments and running values are read; zero before the first one.
  int64_t earlier = 0;
  /// Whether they are distances of tokens, of values that have those along T: tiles have the axis D instead of T.
  bool areDistances = false;
};

class SpecValues {
public:
  /// Where values lie that another kernel of the program has left, in buffers or in results.
  struct Left {
    unsigned memref;
    mixer::TensorType type;
    bool optional = false;
  };
  using LeftValues = llvm::DenseMap<mlir::Value, Left>;

  SpecValues(mixer::SpecOp spec, TileBuilder &b, const LeftValues &left) : spec(spec), b(b), left(left) {}

  /// Values that do not depend on the token are made here, before any loop over tokens.
  void setEntry(mlir::Operation *before) { entry = before; }

  /// The tile of `expr` over `axes`, narrowed to `elem`. `finish` is applied to every element, in f32.
  Tile evaluate(Expr expr, llvm::ArrayRef<Axis> axes, mlir::Type elem, TokenScope &tokens,
                llvm::function_ref<mlir::Value(TileBuilder &, mlir::Value)> finish = {});

  /// A value along T of which are distances of tokens, of those of rows that lie `distance` later than a chunk: over D, and over H where
  /// heads of the block have their own.
  Tile atDistances(mlir::Value value, mlir::Value distance);

  /// The tile of a product that does not depend on the token, in f32; made before any loop over tokens.
  Tile evaluateOnce(llvm::ArrayRef<Expr> factors, llvm::ArrayRef<Axis> axes,
                    llvm::function_ref<mlir::Value(TileBuilder &, mlir::Value)> finish);

  /// Stands for a result of the recurrence, in the scope given.
  void bind(mlir::Value value, const Tile &tile, TokenScope &tokens) { tokens.tiles[value] = tile; }

  /// What mixer.last is, over the axis Handed; `end` is the number of tokens.
  Tile lastTokens(mixer::LastOp op, mlir::Value end);

  /// The tile of an argument as it lies in memory, where `expr` is one and `elem` is the type it is loaded as.
  Tile loadedArgument(Expr expr, llvm::ArrayRef<Axis> axes, mlir::Type elem, TokenScope &tokens);

  mixer::SpecOp spec;

private:
  llvm::SmallVector<Axis, 4> ownAxes(mixer::TensorType type, const TokenScope &tokens) const;
  Tile leaf(mlir::Value value, TokenScope &tokens);
  Tile loadArgument(mlir::BlockArgument argument, TokenScope &tokens);
  Tile loadTensor(const Left &tensor, TokenScope &tokens);
  Tile sumOf(mixer::SumOp sum, TokenScope &tokens);
  Tile previousOf(mixer::PreviousOp op, TokenScope &tokens);
  Tile tapOf(mixer::TapOp op);
  Tile tokensFrom(mixer::TensorType type, llvm::ArrayRef<Axis> axes, mlir::Value argument, const TokenRange &tokens, LoadPlace place,
                  mlir::Value after, const TokenRange &before, LoadPlace placeBefore);
  void collectLeaves(Expr expr, TokenScope &tokens, llvm::SmallSetVector<mlir::Value, 8> &leaves, llvm::DenseSet<mlir::Value> &seen);
  mlir::Value indexAlong(llvm::StringRef dim);
  mlir::Value sizeOf(llvm::StringRef dim);
  mlir::Value emit(Expr expr, llvm::DenseMap<mlir::Value, mlir::Value> &scalars);
  mlir::Value emitMap(mixer::MapOp map, mlir::Value scalar, llvm::DenseMap<mlir::Value, mlir::Value> &scalars);
  Tile fit(const Tile &tile, llvm::ArrayRef<Axis> axes);

  TileBuilder &b;
  const LeftValues &left;
  mlir::Operation *entry = nullptr;
  llvm::DenseMap<mlir::Value, Tile> constants;
};

/// A product's factors: those without `dim` (a scale per token and head) and what is left.
struct Factored {
  Expr base;
  llvm::SmallVector<Expr> scales;
  bool negative = false; ///< times -1
};
/// With `signs`, through negations too.
Factored factorTokenScale(mlir::Value value, llvm::StringRef dim, bool signs = false);
/// What is left of a product with exp(exponent) as a factor; none where `value` is no such product.
std::optional<Expr> withoutExpOf(mlir::Value exponent, mlir::Value value);

mixer::TensorType typeOf(mlir::Value value);
/// The axes that a tile of a tensor may have, as its dimensions lie.
llvm::SmallVector<Axis, 4> axesInOrder(mixer::TensorType type);

} // namespace mixc
