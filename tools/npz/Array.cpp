// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Elements: types and conversions.

#include "mixc/npz/Npz.h"
#include <algorithm>
#include <cmath>
#include <cstring>

namespace mixc::npz {

const char *dtypeName(DType dtype) {
  switch (dtype) {
  case DType::F32:
    return "f32";
  case DType::F64:
    return "f64";
  case DType::F16:
    return "f16";
  case DType::BF16:
    return "bf16";
  case DType::I32:
    return "i32";
  case DType::I64:
    return "i64";
  }
  return "";
}

size_t dtypeSize(DType dtype) {
  switch (dtype) {
  case DType::F16:
  case DType::BF16:
    return 2;
  case DType::F32:
  case DType::I32:
    return 4;
  case DType::F64:
  case DType::I64:
    return 8;
  }
  return 0;
}

size_t Array::numElements() const {
  size_t count = 1;
  for (int64_t size : shape)
    count *= size_t(size);
  return count;
}

namespace {
/// A 16-bit float with this many mantissa bits: 10 (f16) or 7 (bf16).
uint16_t encodeHalf(double value, int mantissaBits) {
  int exponentBits = 15 - mantissaBits;
  int bias = (1 << (exponentBits - 1)) - 1;
  uint16_t sign = std::signbit(value) ? 0x8000 : 0;
  uint16_t infinity = uint16_t(((1 << exponentBits) - 1) << mantissaBits);
  double magnitude = std::fabs(value);
  if (std::isnan(value))
    return sign | infinity | uint16_t(1 << (mantissaBits - 1));
  if (std::isinf(value))
    return sign | infinity;
  int exponent = magnitude == 0 ? 1 - bias : std::max(std::ilogb(magnitude), 1 - bias);
  // In units of the last place; nearbyint rounds to nearest even. A carry moves into the exponent by itself.
  double units = std::nearbyint(std::ldexp(magnitude, mantissaBits - exponent));
  uint32_t mantissa = uint32_t(units);
  uint32_t bits = mantissa + (uint32_t(exponent + bias - 1) << mantissaBits);
  return sign | uint16_t(std::min<uint32_t>(bits, infinity));
}

double decodeHalf(uint16_t bits, int mantissaBits) {
  int exponentBits = 15 - mantissaBits;
  int bias = (1 << (exponentBits - 1)) - 1;
  int exponent = (bits >> mantissaBits) & ((1 << exponentBits) - 1);
  int mantissa = bits & ((1 << mantissaBits) - 1);
  double magnitude;
  if (exponent == (1 << exponentBits) - 1)
    magnitude = mantissa ? NAN : INFINITY;
  else if (exponent == 0)
    magnitude = std::ldexp(mantissa, 1 - bias - mantissaBits);
  else
    magnitude = std::ldexp(mantissa + (1 << mantissaBits), exponent - bias - mantissaBits);
  return bits & 0x8000 ? -magnitude : magnitude;
}

template <typename T> T load(const uint8_t *at) {
  T value;
  std::memcpy(&value, at, sizeof value);
  return value;
}

template <typename T> void store(uint8_t *at, T value) { std::memcpy(at, &value, sizeof value); }
} // namespace

double Array::element(size_t index) const {
  const uint8_t *at = data.data() + index * dtypeSize(dtype);
  switch (dtype) {
  case DType::F32:
    return load<float>(at);
  case DType::F64:
    return load<double>(at);
  case DType::F16:
    return decodeHalf(load<uint16_t>(at), 10);
  case DType::BF16:
    return decodeHalf(load<uint16_t>(at), 7);
  case DType::I32:
    return load<int32_t>(at);
  case DType::I64:
    return double(load<int64_t>(at));
  }
  return 0;
}

std::vector<double> Array::toDoubles() const {
  std::vector<double> values(numElements());
  for (size_t i = 0; i < values.size(); ++i)
    values[i] = element(i);
  return values;
}

Array Array::fromDoubles(DType dtype, std::vector<int64_t> shape, const std::vector<double> &values) {
  Array array;
  array.dtype = dtype;
  array.shape = std::move(shape);
  size_t size = dtypeSize(dtype);
  array.data.resize(values.size() * size);
  for (size_t i = 0; i < values.size(); ++i) {
    uint8_t *at = array.data.data() + i * size;
    switch (dtype) {
    case DType::F32:
      store(at, float(values[i]));
      break;
    case DType::F64:
      store(at, values[i]);
      break;
    case DType::F16:
      store(at, encodeHalf(values[i], 10));
      break;
    case DType::BF16:
      store(at, encodeHalf(values[i], 7));
      break;
    case DType::I32:
      store(at, int32_t(values[i]));
      break;
    case DType::I64:
      store(at, int64_t(values[i]));
      break;
    }
  }
  return array;
}

} // namespace mixc::npz
