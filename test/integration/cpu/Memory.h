// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Tensors in memory of any layout, between guards: what lies before, between and after the elements is NaN and may not
// change, and the page after the last element cannot be accessed.
#pragma once

#include "HostTensor.h"
#include "mixc/runtime/descriptor.h"
#include <cstddef>
#include <map>
#include <random>

namespace mixc::test {

/// How a tensor lies in memory.
struct Layout {
  std::string order = {};            ///< dimensions from the outermost to the innermost; empty: as the spec has them
  int64_t inner = 1;                 ///< stride of the innermost dimension, in elements
  std::map<char, int64_t> gaps = {}; ///< added to the stride of a dimension
  std::string reversed = {};         ///< dimensions with a negative stride
  std::string repeated = {};         ///< dimensions with stride 0; elements must be the same along them
  bool sparse = false;               ///< too large to be filled: no guards between elements
};

/// Another order of the dimensions, a stride of more than 1 inside, unused elements everywhere.
Layout randomLayout(const mixc_tensor_desc &tensor, std::mt19937_64 &random);
/// One that GPUs take: rows are whole, and most have unused elements behind them.
Layout randomLayoutOfRows(const mixc_tensor_desc &tensor, std::mt19937_64 &random);

/// Bytes that end where accessible memory ends, all bits set at first: NaN as f32, bf16 and f16.
class GuardedMemory {
public:
  explicit GuardedMemory(size_t bytes, bool filled = true);
  GuardedMemory(GuardedMemory &&other);
  ~GuardedMemory();
  /// Null if the system has no room for as much.
  char *data() const { return begin; }
  /// Those bytes and the ones before them that are for reads that start too early.
  llvm::MutableArrayRef<char> guarded() const;

private:
  char *begin = nullptr;
  char *mapped = nullptr;
  size_t length = 0;
};

class PlacedTensor {
public:
  PlacedTensor(const mixc_tensor_desc &desc, std::vector<int64_t> shape, const Layout &layout);

  bool hasMemory() const { return memory.data(); }
  const GuardedMemory &bytes() const { return memory; }
  mixc_tensor argument() const;
  void write(llvm::ArrayRef<float> values);
  std::vector<float> read() const;
  /// Whether all bytes that belong to no element are as they were.
  bool guardsAreIntact() const;

private:
  /// Calls visit(index of the element in order, its address).
  void forEach(llvm::function_ref<void(int64_t, char *)> visit) const;

  int64_t width() const { return bytesOf(dtype); }
  char *origin() const { return memory.data() + first * width(); }

  mixc_dtype dtype;
  std::vector<int64_t> shape, strides;
  bool sparse;
  int64_t first; ///< where the element at index 0 of every dimension is, from the lowest address
  int64_t span;  ///< elements from the lowest address to behind the highest
  GuardedMemory memory;
};

} // namespace mixc::test
