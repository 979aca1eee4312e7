// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "HostTensor.h"
#include "llvm/ADT/APFloat.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/bit.h"
#include "llvm/Support/FormatVariadic.h"
#include <cstring>

using namespace llvm;
using namespace mixc;

std::vector<int64_t> mixc::shapeOf(mixer::TensorType type, const std::map<std::string, int64_t> &sizes) {
  std::vector<int64_t> shape;
  for (mlir::StringAttr dim : type.getDims())
    shape.push_back(sizes.at(dim.str()));
  return shape;
}

int64_t mixc::elementsOf(ArrayRef<int64_t> shape) {
  int64_t count = 1;
  for (int64_t size : shape)
    count *= size;
  return count;
}

std::string mixc::shapeText(ArrayRef<int64_t> shape) {
  std::vector<std::string> sizes;
  for (int64_t size : shape)
    sizes.push_back(std::to_string(size));
  return "[" + join(sizes, ",") + "]";
}

Error mixc::inferSizes(mixer::SpecOp spec, const HostTensors &tensors, std::map<std::string, int64_t> &sizes) {
  std::map<std::string, std::string> origin;
  for (auto &[dim, size] : sizes)
    origin[dim] = "--shape";
  for (unsigned i = 0; i < spec.getNumArgs(); ++i) {
    std::string name = spec.getArgName(i).str();
    mixer::TensorType type = spec.getArgType(i);
    auto found = tensors.find(name);
    if (found == tensors.end()) {
      if (spec.isArgOptional(i))
        continue;
      return createStringError(formatv("argument '{0}' {1}: expected an array of that name, got none", name, type.getShortName()).str());
    }
    const std::vector<int64_t> &shape = found->second.shape;
    if (shape.size() != type.getRank())
      return createStringError(
          formatv("argument '{0}': expected {1} dimensions {2}, got {3}", name, type.getRank(), type.getShortName(), shapeText(shape))
              .str());
    for (auto [attr, size] : llvm::zip(type.getDims(), shape)) {
      std::string dim = attr.str();
      auto [known, isNew] = sizes.insert({dim, size});
      if (isNew)
        origin[dim] = "'" + name + "'";
      else if (known->second != size)
        return createStringError(formatv("argument '{0}' {1}: expected {2} = {3} as {4} has it, got {5}", name, type.getShortName(), dim,
                                         known->second, origin[dim], size)
                                     .str());
    }
  }
  return Error::success();
}

int64_t mixc::bytesOf(mixc_dtype dtype) { return dtype == MIXC_F32 ? 4 : 2; }

/// To nearest even; NaN stays NaN.
static uint16_t toBfloat(float value) {
  uint32_t bits = llvm::bit_cast<uint32_t>(value);
  if (value != value)
    return static_cast<uint16_t>(bits >> 16 | 0x40);
  return static_cast<uint16_t>((bits + 0x7fff + (bits >> 16 & 1)) >> 16);
}

static uint16_t toHalf(float value) {
  APFloat number(value);
  bool inexact;
  number.convert(APFloat::IEEEhalf(), APFloat::rmNearestTiesToEven, &inexact);
  return static_cast<uint16_t>(number.bitcastToAPInt().getZExtValue());
}

static float fromHalf(uint16_t bits) {
  APFloat number(APFloat::IEEEhalf(), APInt(16, bits));
  bool inexact;
  number.convert(APFloat::IEEEsingle(), APFloat::rmNearestTiesToEven, &inexact);
  return number.convertToFloat();
}

std::vector<char> mixc::encode(ArrayRef<float> values, mixc_dtype dtype) {
  std::vector<char> bytes(values.size() * bytesOf(dtype));
  for (size_t i = 0; i < values.size(); ++i) {
    if (dtype == MIXC_F32) {
      std::memcpy(&bytes[i * 4], &values[i], 4);
      continue;
    }
    uint16_t narrow = dtype == MIXC_BF16 ? toBfloat(values[i]) : toHalf(values[i]);
    std::memcpy(&bytes[i * 2], &narrow, 2);
  }
  return bytes;
}

std::vector<float> mixc::decode(ArrayRef<char> bytes, mixc_dtype dtype) {
  std::vector<float> values(bytes.size() / bytesOf(dtype));
  for (size_t i = 0; i < values.size(); ++i) {
    if (dtype == MIXC_F32) {
      std::memcpy(&values[i], &bytes[i * 4], 4);
      continue;
    }
    uint16_t narrow;
    std::memcpy(&narrow, &bytes[i * 2], 2);
    values[i] = dtype == MIXC_BF16 ? llvm::bit_cast<float>(uint32_t(narrow) << 16) : fromHalf(narrow);
  }
  return values;
}
