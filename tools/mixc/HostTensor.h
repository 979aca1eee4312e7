// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Tensors of a spec on the host: contiguous, f32 whatever the io dtype is.
#pragma once

#include "mixc/dialect/Mixer.h"
#include "mixc/runtime/descriptor.h"
#include "llvm/Support/Error.h"
#include <map>
#include <string>
#include <vector>

namespace mixc {

struct HostTensor {
  std::vector<int64_t> shape;
  std::vector<float> values;
};

using HostTensors = std::map<std::string, HostTensor>;

/// Sizes of the type's dimensions; each must be in `sizes`.
std::vector<int64_t> shapeOf(mixer::TensorType type, const std::map<std::string, int64_t> &sizes);
int64_t elementsOf(llvm::ArrayRef<int64_t> shape);
/// "[1,4096,24]"
std::string shapeText(llvm::ArrayRef<int64_t> shape);

/// Sizes of B, T, H, .. as the tensors have them, beside those already in `sizes`. The error names tensor and
/// dimension where two disagree, and the argument that is missing.
llvm::Error inferSizes(mixer::SpecOp spec, const HostTensors &tensors, std::map<std::string, int64_t> &sizes);

int64_t bytesOf(mixc_dtype dtype);
/// To the dtype, rounded to nearest even; and back.
std::vector<char> encode(llvm::ArrayRef<float> values, mixc_dtype dtype);
std::vector<float> decode(llvm::ArrayRef<char> bytes, mixc_dtype dtype);

} // namespace mixc
