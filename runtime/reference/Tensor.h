// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH
// LLVM-exception
//
// Tensors while a spec is evaluated, and walks over them by the names of dimensions.
#pragma once

#include "mixc/reference/Evaluate.h"

namespace mixc::reference {

/// The value of one SSA value: elements in the order of the type's dimensions.
struct Tensor {
  mixer::TensorType type;
  llvm::ArrayRef<double> values;
};

int64_t sizeOf(llvm::StringRef dim, const Sizes &sizes);
int64_t elementsOf(mixer::TensorType type, const Sizes &sizes);
/// Elements between neighbours along the dimension; 0 where the tensor does not have it, so that it is repeated.
int64_t strideOf(mixer::TensorType type, llvm::StringRef dim, const Sizes &sizes);

/// Heads that share one entry of the tensor: more than 1 where it has groups of heads.
int64_t headsPerEntry(mixer::TensorType type, const Sizes &sizes);

/// Visits the indices of one type's tensor in order and keeps track of where other tensors have the element of the same
/// named index:
///   for (Walk walk(type, {a, b}, sizes); !walk.done(); walk.next())
///     use(walk.offset(0), walk.offset(1));
class Walk {
public:
  Walk(mixer::TensorType over, llvm::ArrayRef<mixer::TensorType> tensors, const Sizes &sizes);

  bool done() const { return remaining == 0; }
  int64_t offset(unsigned tensor) const { return offsets[tensor]; }
  void next();

private:
  llvm::SmallVector<int64_t> shape, index;
  llvm::SmallVector<llvm::SmallVector<int64_t>> strides; ///< [tensor][dimension]
  llvm::SmallVector<llvm::SmallVector<int64_t>> repeats; ///< indices that read one entry, in the same order
  llvm::SmallVector<int64_t> offsets;
  int64_t remaining;
};

} // namespace mixc::reference
