// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Ops over neighbouring tokens. The sequence is x0_0 .. x0_{L-1} x_0 .. x_{T-1}, with zeros before it.

#include "Ops.h"

namespace mixc::reference {
using namespace mlir;

namespace {
/// Visits the elements of a tensor in order, and says at which index of a dimension each is and where other tensors have the element
/// of the same other indices.
class Places {
public:
  Places(mixer::TensorType over, const Sizes &sizes) : over(over), sizes(sizes), index(over.getRank()) {}

  int64_t at(StringRef dim) const { return index[over.indexOf(dim)]; }
  /// The element of `type` whose indices are these, but for those of `tokens`, T or L, and W, which are given.
  int64_t offset(mixer::TensorType type, int64_t token, int64_t tap = 0) const {
    int64_t sum = 0;
    for (StringAttr dim : type.getDims()) {
      bool isToken = dim == "T" || dim == "L";
      sum += (isToken ? token : dim == "W" ? tap : at(dim)) * strideOf(type, dim, sizes);
    }
    return sum;
  }
  void next() {
    for (unsigned d = index.size(); d-- > 0;) {
      if (++index[d] < sizeOf(over.getDims()[d], sizes))
        return;
      index[d] = 0;
    }
  }

private:
  mixer::TensorType over;
  const Sizes &sizes;
  SmallVector<int64_t> index;
};
} // namespace

static double tokenAt(const Places &places, int64_t token, const Tensor &input, const std::optional<Tensor> &after, const Sizes &sizes) {
  if (token >= 0)
    return input.values[places.offset(input.type, token)];
  int64_t before = after ? sizeOf("L", sizes) + token : -1;
  return before < 0 ? 0 : after->values[places.offset(after->type, before)];
}

std::vector<double> tokensFrom(mixer::TensorType out, int64_t first, const Tensor &input, std::optional<Tensor> after, const Sizes &sizes) {
  std::vector<double> values(elementsOf(out, sizes));
  Places places(out, sizes);
  StringRef tokens = out.hasDim("T") ? "T" : "L";
  for (double &value : values) {
    value = tokenAt(places, first + places.at(tokens), input, after, sizes);
    places.next();
  }
  return values;
}

std::vector<double> evaluateConv(mixer::ConvOp op, const Tensor &input, const Tensor &weights, std::optional<Tensor> after,
                                 const Sizes &sizes) {
  mixer::TensorType out = op.getType();
  std::vector<double> values(elementsOf(out, sizes));
  Places places(out, sizes);
  int64_t taps = sizeOf("W", sizes);
  for (double &value : values) {
    for (int64_t i = 0; i < taps; ++i)
      value += weights.values[places.offset(weights.type, 0, i)] * tokenAt(places, places.at("T") - (taps - 1) + i, input, after, sizes);
    places.next();
  }
  return values;
}

std::vector<double> evaluateTap(mixer::TapOp op, const Tensor &weights, const Sizes &sizes) {
  std::vector<double> values(elementsOf(op.getType(), sizes));
  Places places(op.getType(), sizes);
  for (double &value : values) {
    value = weights.values[places.offset(weights.type, 0, op.getAt())];
    places.next();
  }
  return values;
}

} // namespace mixc::reference
