// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Memory.h"
#include "llvm/ADT/StringRef.h"
#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <sys/mman.h>
#include <unistd.h>
#include <utility>

using namespace llvm;

namespace mixc::test {

Layout randomLayout(const mixc_tensor_desc &tensor, std::mt19937_64 &random) {
  Layout layout;
  layout.order = tensor.dims;
  std::shuffle(layout.order.begin(), layout.order.end(), random);
  layout.inner = 1 + random() % 3;
  for (char dim : layout.order) {
    layout.gaps[dim] = random() % 6;
    if (random() % 4 == 0)
      layout.reversed += dim;
  }
  return layout;
}

Layout randomLayoutOfRows(const mixc_tensor_desc &tensor, std::mt19937_64 &random) {
  constexpr int64_t gaps[] = {0, 3, 8, 16};
  Layout layout;
  layout.order = tensor.dims;
  if (layout.order.size() < 2)
    return layout;
  if (random() % 2)
    std::shuffle(layout.order.begin(), layout.order.end() - 1, random);
  layout.gaps[layout.order[layout.order.size() - 2]] = gaps[random() % 4];
  return layout;
}

/// NaNs before the first element, for reads that start too early.
static constexpr size_t kFront = 256;

GuardedMemory::GuardedMemory(size_t bytes, bool filled) {
  size_t page = sysconf(_SC_PAGESIZE), usable = (bytes + kFront + page - 1) / page * page;
  void *got = mmap(nullptr, usable + page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (got == MAP_FAILED)
    return;
  mapped = static_cast<char *>(got);
  length = usable + page;
  begin = mapped + usable - bytes;
  if (filled)
    std::memset(mapped, 0xff, usable);
  mprotect(mapped + usable, page, PROT_NONE);
}

GuardedMemory::GuardedMemory(GuardedMemory &&other)
    : begin(std::exchange(other.begin, nullptr)), mapped(std::exchange(other.mapped, nullptr)), length(other.length) {}

MutableArrayRef<char> GuardedMemory::guarded() const {
  const size_t page = sysconf(_SC_PAGESIZE);
  return {begin - kFront, mapped + length - page};
}

GuardedMemory::~GuardedMemory() {
  if (mapped)
    munmap(mapped, length);
}

static std::vector<int64_t> stridesOf(StringRef dims, ArrayRef<int64_t> shape, const Layout &layout) {
  StringRef order = layout.order.empty() ? dims : StringRef(layout.order);
  std::vector<int64_t> strides(shape.size());
  int64_t next = layout.inner;
  for (char dim : reverse(order)) {
    size_t at = dims.find(dim);
    if (StringRef(layout.repeated).contains(dim))
      continue;
    auto gap = layout.gaps.find(dim);
    int64_t stride = next + (gap == layout.gaps.end() ? 0 : gap->second);
    strides[at] = StringRef(layout.reversed).contains(dim) ? -stride : stride;
    next = stride * std::max<int64_t>(1, shape[at]);
  }
  return strides;
}

/// Elements between the lowest and the highest address, and from the lowest to index 0; both 0 if there are none.
static std::pair<int64_t, int64_t> extentOf(ArrayRef<int64_t> shape, ArrayRef<int64_t> strides) {
  int64_t span = 1, first = 0;
  for (auto [size, stride] : zip(shape, strides)) {
    if (size == 0)
      return {0, 0};
    span += (size - 1) * std::abs(stride);
    first += stride < 0 ? (size - 1) * -stride : 0;
  }
  return {span, first};
}

PlacedTensor::PlacedTensor(const mixc_tensor_desc &desc, std::vector<int64_t> shape, const Layout &layout)
    : dtype(static_cast<mixc_dtype>(desc.dtype)), shape(std::move(shape)), strides(stridesOf(desc.dims, this->shape, layout)),
      sparse(layout.sparse), first(extentOf(this->shape, strides).second), span(extentOf(this->shape, strides).first),
      memory(span * width(), !layout.sparse) {}

mixc_tensor PlacedTensor::argument() const {
  mixc_tensor tensor{origin(), {}};
  copy(strides, tensor.strides);
  return tensor;
}

void PlacedTensor::forEach(function_ref<void(int64_t, char *)> visit) const {
  std::vector<int64_t> index(shape.size(), 0);
  int64_t count = elementsOf(shape);
  for (int64_t i = 0; i < count; ++i) {
    int64_t offset = 0;
    for (auto [at, stride] : zip(index, strides))
      offset += at * stride;
    visit(i, origin() + offset * width());
    for (int64_t d = shape.size() - 1; d >= 0 && ++index[d] == shape[d]; --d)
      index[d] = 0;
  }
}

void PlacedTensor::write(ArrayRef<float> values) {
  std::vector<char> bytes = encode(values, dtype);
  forEach([&](int64_t i, char *address) { std::memcpy(address, bytes.data() + i * width(), width()); });
}

std::vector<float> PlacedTensor::read() const {
  std::vector<char> bytes(elementsOf(shape) * width());
  forEach([&](int64_t i, char *address) { std::memcpy(bytes.data() + i * width(), address, width()); });
  return decode(bytes, dtype);
}

bool PlacedTensor::guardsAreIntact() const {
  if (sparse)
    return true;
  std::vector<char> rest(memory.data() - kFront, memory.data() + span * width());
  forEach([&](int64_t, char *address) { std::memset(rest.data() + kFront + (address - memory.data()), 0xff, width()); });
  return all_of(rest, [](char byte) { return byte == char(0xff); });
}

} // namespace mixc::test
