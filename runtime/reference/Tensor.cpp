// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH
// LLVM-exception

#include "Tensor.h"

namespace mixc::reference {
using namespace mlir;

int64_t sizeOf(StringRef dim, const Sizes &sizes) { return sizes.at(dim.str()); }

int64_t elementsOf(mixer::TensorType type, const Sizes &sizes) {
  int64_t count = 1;
  for (StringAttr dim : type.getDims())
    count *= sizeOf(dim, sizes);
  return count;
}

int64_t strideOf(mixer::TensorType type, StringRef dim, const Sizes &sizes) {
  if (!type.hasDim(dim))
    return 0;
  int64_t stride = 1;
  for (StringAttr inner : type.getDims().drop_front(type.indexOf(dim) + 1))
    stride *= sizeOf(inner, sizes);
  return stride;
}

int64_t headsPerEntry(mixer::TensorType type, const Sizes &sizes) {
  StringRef dim = type.getHeadDim();
  return dim.empty() || dim == "H" ? 1 : sizeOf("H", sizes) / sizeOf(dim, sizes);
}

Walk::Walk(mixer::TensorType over, ArrayRef<mixer::TensorType> tensors, const Sizes &sizes)
    : index(over.getRank(), 0), strides(tensors.size()), repeats(tensors.size()), offsets(tensors.size(), 0),
      remaining(elementsOf(over, sizes)) {
  for (StringAttr dim : over.getDims()) {
    shape.push_back(sizeOf(dim, sizes));
    for (unsigned i = 0; i < tensors.size(); ++i) {
      StringRef heads = tensors[i].getHeadDim();
      bool isGroup = dim == over.getHeadDim() && dim != heads && !heads.empty();
      strides[i].push_back(strideOf(tensors[i], isGroup ? heads : dim.getValue(), sizes));
      repeats[i].push_back(isGroup ? sizeOf(dim, sizes) / sizeOf(heads, sizes) : 1);
    }
  }
}

void Walk::next() {
  --remaining;
  for (unsigned d = shape.size(); d-- > 0;) {
    ++index[d];
    for (unsigned i = 0; i < offsets.size(); ++i)
      if (index[d] % repeats[i][d] == 0)
        offsets[i] += strides[i][d];
    if (index[d] < shape[d])
      return;
    index[d] = 0;
    for (unsigned i = 0; i < offsets.size(); ++i)
      offsets[i] -= strides[i][d] * (shape[d] / repeats[i][d]);
  }
}

} // namespace mixc::reference
