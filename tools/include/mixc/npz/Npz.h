// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// NumPy's .npy and .npz files. Arrays are kept in C order, little-endian; Fortran order is transposed on reading.
// numpy has no bfloat16: such arrays are written as two-byte voids (V2, what ml_dtypes.bfloat16 arrays become), and both
// V2 and u2 are read as bfloat16. Functions that can fail return false and set an error that names file and array.
// Nothing here keeps state: all functions may be called from many threads.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

namespace mixc::npz {

enum class DType { F32, F64, F16, BF16, I32, I64 };

/// f32, f64, f16, bf16, i32, i64.
const char *dtypeName(DType dtype);
/// Bytes of an element.
size_t dtypeSize(DType dtype);

struct Array {
  DType dtype = DType::F32;
  std::vector<int64_t> shape;
  std::vector<uint8_t> data; ///< C order, little-endian

  /// A rounding to nearest even from `values`, which has one entry for each element.
  static Array fromDoubles(DType dtype, std::vector<int64_t> shape, const std::vector<double> &values);
  std::vector<double> toDoubles() const;
  /// The element at that place of `data`.
  double element(size_t index) const;

  size_t numElements() const;
};

/// Arrays by name.
using Archive = std::map<std::string, Array>;

/// An .npy file's bytes. `what` names it in errors.
[[nodiscard]] bool parseNpy(const std::string &what, const uint8_t *bytes, size_t size, Array &array, std::string &error);

/// Which arrays of an archive to read. The others are neither inflated nor checked.
struct Selection {
  std::function<bool(const std::string &name)> wants;
  std::vector<std::string> others;   ///< out: arrays that were not wanted
  std::vector<std::string> noArrays; ///< out: what else was not wanted: by their names, no .npy files
};

/// An .npz file's bytes: members stored or deflated, zip64 included, and possibly other bytes before the archive. No array is
/// inflated beyond what its header states. Without a selection every array is read, and members that are no arrays are
/// passed over.
[[nodiscard]] bool parseNpz(const std::string &what, const uint8_t *bytes, size_t size, Archive &archive, std::string &error,
                            Selection *selection = nullptr);
std::vector<uint8_t> formatNpy(const Array &array);

/// Reads an .npz file, or an .npy file as an archive of one array with the file's name without its ending.
[[nodiscard]] bool readFile(const std::string &path, Archive &archive, std::string &error, Selection *selection = nullptr);
/// Writes an .npz file, members stored without compression. A failure leaves the file incomplete: who must not have
/// that writes beside the file and renames.
[[nodiscard]] bool writeNpz(const std::string &path, const Archive &archive, std::string &error);

} // namespace mixc::npz
