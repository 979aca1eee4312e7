// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH
// LLVM-exception
#pragma once

#include "Ops.h"

namespace mixc::reference {

/// An operand of one batch entry and head, read one token at a time as the row of its N or P entries.
class TokenRows {
public:
  TokenRows(const Tensor &tensor, llvm::StringRef entry, const Sizes &sizes)
      : tensor(tensor), tokenStride(strideOf(tensor.type, "T", sizes)), updateStride(strideOf(tensor.type, "R", sizes)),
        entryStride(strideOf(tensor.type, entry, sizes)), batchStride(strideOf(tensor.type, "B", sizes)),
        headStride(strideOf(tensor.type, tensor.type.getHeadDim(), sizes)), perEntry(headsPerEntry(tensor.type, sizes)) {}

  void select(int64_t batch, int64_t head) { base = batch * batchStride + head / perEntry * headStride; }

  void read(int64_t t, int64_t update, llvm::MutableArrayRef<double> row) const {
    const double *first = tensor.values.data() + base + t * tokenStride + update * updateStride;
    for (size_t i = 0; i < row.size(); ++i)
      row[i] = first[i * entryStride];
  }

private:
  Tensor tensor;
  int64_t tokenStride, updateStride, entryStride, batchStride, headStride, perEntry, base = 0;
};

} // namespace mixc::reference
