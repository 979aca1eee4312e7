// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The .npy format piece by piece, so that a member of an archive is inflated no further than its header states.
#pragma once

#include "mixc/npz/Npz.h"

namespace mixc::npz {

/// So many bytes tell how long the header is.
constexpr size_t kNpyStart = 12;

bool isNpy(const uint8_t *bytes, size_t size);

struct NpyHeader {
  DType dtype = DType::F32;
  bool fortranOrder = false;
  std::vector<int64_t> shape;
  size_t elements = 0; ///< bytes of them
};

/// Where the elements begin; `start` are the first min(kNpyStart, fileSize) bytes. An error text, or nothing.
std::string npyHeaderSize(const uint8_t *start, uint64_t fileSize, size_t &headerSize);
/// Reads the header and checks that a file of that size holds the elements that it states, and no more.
std::string parseNpyHeader(const uint8_t *bytes, size_t headerSize, uint64_t fileSize, NpyHeader &header);

/// Elements in Fortran order to C order.
std::vector<uint8_t> transposed(const std::vector<uint8_t> &elements, const NpyHeader &header);

} // namespace mixc::npz
