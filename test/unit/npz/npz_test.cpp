// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// NumPy's files: what is written is read back, numpy's own files are read, damaged ones are refused with the array's name.

#include "mixc/npz/Npz.h"
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <iterator>
#include <limits>
#include <random>

using namespace mixc::npz;
using testing::ElementsAre;
using testing::HasSubstr;

namespace {
const std::string kGolden = std::string(MIXC_GOLDEN_DIR) + "/mamba2.npz";

std::vector<uint8_t> bytesOf(const std::string &path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::string temporaryPath(const char *name) { return testing::TempDir() + "mixc_npz_" + name; }

Array bytesArray(DType dtype, std::vector<int64_t> shape, const std::vector<double> &values) {
  return Array::fromDoubles(dtype, std::move(shape), values);
}

/// An .npy file with this header text.
std::vector<uint8_t> npyWith(const std::string &header, size_t elementBytes) {
  std::vector<uint8_t> bytes{0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0, uint8_t(header.size()), 0};
  bytes.insert(bytes.end(), header.begin(), header.end());
  for (size_t i = 0; i < elementBytes; ++i)
    bytes.push_back(uint8_t(i));
  return bytes;
}

std::string errorOf(const std::vector<uint8_t> &npy) {
  Array array;
  std::string error;
  EXPECT_FALSE(parseNpy("f.npy", npy.data(), npy.size(), array, error));
  return error;
}
} // namespace

TEST(Npy, EveryDtypeRoundTrips) {
  for (DType dtype : {DType::F32, DType::F64, DType::F16, DType::BF16, DType::I32, DType::I64}) {
    Array array = bytesArray(dtype, {2, 3}, {0, 1, -2, 3, 4, 100}), back;
    std::vector<uint8_t> bytes = formatNpy(array);
    std::string error;
    ASSERT_TRUE(parseNpy("f.npy", bytes.data(), bytes.size(), back, error)) << error;
    EXPECT_EQ(back.dtype, dtype);
    EXPECT_THAT(back.shape, ElementsAre(2, 3));
    EXPECT_THAT(back.toDoubles(), ElementsAre(0, 1, -2, 3, 4, 100));
    EXPECT_EQ((bytes.size() - array.data.size()) % 64, 0u);
  }
}

TEST(Npy, ShapesOfAnyRank) {
  for (std::vector<int64_t> shape : {std::vector<int64_t>{}, {5}, {0, 3}, {1, 2, 1, 2, 1}}) {
    size_t count = 1;
    for (int64_t size : shape)
      count *= size_t(size);
    std::vector<uint8_t> bytes = formatNpy(bytesArray(DType::F32, shape, std::vector<double>(count, 7)));
    Array back;
    std::string error;
    ASSERT_TRUE(parseNpy("f.npy", bytes.data(), bytes.size(), back, error)) << error;
    EXPECT_EQ(back.shape, shape);
    EXPECT_EQ(back.toDoubles(), std::vector<double>(count, 7));
  }
}

TEST(Npy, FortranOrderIsTransposed) {
  auto bytes = npyWith("{'descr': '|V2', 'fortran_order': True, 'shape': (2, 3), }", 12);
  Array array;
  std::string error;
  ASSERT_TRUE(parseNpy("f.npy", bytes.data(), bytes.size(), array, error)) << error;
  EXPECT_THAT(array.data, ElementsAre(0, 1, 4, 5, 8, 9, 2, 3, 6, 7, 10, 11));
}

TEST(Npy, RefusesWhatItCannotRead) {
  EXPECT_THAT(errorOf({'P', 'K'}), HasSubstr("f.npy: expected an .npy file"));
  EXPECT_THAT(errorOf(npyWith("{'descr': '>f4', 'fortran_order': False, 'shape': (2,), }", 8)),
              HasSubstr("expected dtype f4, f8, f2, i4, i8 or V2 (bfloat16), little-endian, got >f4"));
  EXPECT_THAT(errorOf(npyWith("{'descr': '<f4', 'fortran_order': False, }", 8)), HasSubstr("expected a header"));
  EXPECT_THAT(errorOf(npyWith("{'descr': '<f4', 'fortran_order': False, 'shape': (3,), }", 8)),
              HasSubstr("ends in its elements"));
  EXPECT_THAT(errorOf(npyWith("{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999, 99999999999), }", 8)),
              HasSubstr("ends in its elements"));
  EXPECT_THAT(errorOf(npyWith("{'descr': '<f4', 'fortran_order': False, 'shape': (1,), }", 8)),
              HasSubstr("expected 4 bytes of elements, got 8"));
  auto version = npyWith("{'descr': '<f4', 'fortran_order': False, 'shape': (), }", 4);
  version[6] = 9;
  EXPECT_THAT(errorOf(version), HasSubstr("version 1, 2 or 3, got 9"));
}

TEST(Elements, HalvesRoundToNearestEven) {
  double inf = std::numeric_limits<double>::infinity();
  auto rounded = [](DType dtype, double value) { return Array::fromDoubles(dtype, {}, {value}).toDoubles()[0]; };
  EXPECT_EQ(rounded(DType::BF16, 1 + 1.0 / 256), 1);              // a tie, to even
  EXPECT_EQ(rounded(DType::BF16, 1 + 3.0 / 256), 1 + 2.0 / 128);  // a tie, to even
  EXPECT_EQ(rounded(DType::BF16, 1 + 1.01 / 256), 1 + 1.0 / 128); // above the tie
  EXPECT_EQ(rounded(DType::BF16, 1.999), 2);                      // carries into the exponent
  EXPECT_EQ(rounded(DType::F16, 65504), 65504);
  EXPECT_EQ(rounded(DType::F16, 65520), inf);
  EXPECT_EQ(rounded(DType::F16, 1e300), inf);
  EXPECT_EQ(rounded(DType::F16, -inf), -inf);
  EXPECT_TRUE(std::isnan(rounded(DType::BF16, NAN)));
  EXPECT_EQ(rounded(DType::F16, std::ldexp(3, -24)), std::ldexp(3, -24));   // subnormal
  EXPECT_EQ(rounded(DType::F16, std::ldexp(1023.5, -24)), std::ldexp(1, -14)); // subnormal to normal
  EXPECT_EQ(rounded(DType::F16, std::ldexp(1, -26)), 0);
  EXPECT_TRUE(std::signbit(rounded(DType::F16, -0.0)));
}

TEST(Elements, EveryHalfRoundTrips) {
  for (DType dtype : {DType::F16, DType::BF16})
    for (uint32_t bits = 0; bits < 0x10000; ++bits) {
      Array array{dtype, {}, {uint8_t(bits), uint8_t(bits >> 8)}};
      double value = array.toDoubles()[0];
      if (!std::isnan(value))
        ASSERT_EQ(Array::fromDoubles(dtype, {}, {value}).data, array.data) << dtypeName(dtype) << " " << bits;
    }
}

TEST(Npz, WritesWhatItReads) {
  Archive archive, back;
  archive["x"] = bytesArray(DType::F32, {2, 2}, {1, 2, 3, 4});
  archive["h0"] = bytesArray(DType::BF16, {3}, {1, 2, 3});
  std::string path = temporaryPath("round.npz"), error;
  ASSERT_TRUE(writeNpz(path, archive, error)) << error;
  ASSERT_TRUE(readFile(path, back, error)) << error;
  ASSERT_EQ(back.size(), 2u);
  EXPECT_EQ(back["h0"].data, archive["h0"].data);
  EXPECT_THAT(back["x"].toDoubles(), ElementsAre(1, 2, 3, 4));
  std::remove(path.c_str());
}

TEST(Npz, ReadsDeflatedFilesOfNumpy) {
  Archive archive;
  std::string error;
  ASSERT_TRUE(readFile(kGolden, archive, error)) << error;
  EXPECT_THAT(archive["x"].shape, ElementsAre(1, 160, 4, 64));
  EXPECT_THAT(archive["A"].shape, ElementsAre(4));
  for (double a : archive["A"].toDoubles())
    EXPECT_LT(a, 0);
}

TEST(Npz, NamesFileAndReasonWhenItCannotOpen) {
  Archive archive;
  std::string error;
  EXPECT_FALSE(readFile("/nowhere/a.npz", archive, error));
  EXPECT_EQ(error, "/nowhere/a.npz: cannot open: No such file or directory");
  EXPECT_FALSE(writeNpz("/nowhere/a.npz", archive, error));
  EXPECT_EQ(error, "/nowhere/a.npz: cannot write: No such file or directory");
}

TEST(Npz, EveryTruncationIsAnError) {
  std::vector<uint8_t> whole = bytesOf(kGolden);
  ASSERT_GT(whole.size(), 1000u);
  Archive archive;
  std::string error;
  for (size_t size = 0; size < whole.size(); size += 997) {
    std::vector<uint8_t> cut(whole.begin(), whole.begin() + size);
    ASSERT_FALSE(parseNpz("cut.npz", cut.data(), cut.size(), archive, error)) << size;
    ASSERT_THAT(error, HasSubstr("cut.npz: "));
  }
}

TEST(Npz, DamagedElementsAreAnErrorThatNamesTheArray) {
  std::vector<uint8_t> bytes = bytesOf(kGolden);
  bytes[5000] ^= 0x40; // in the compressed data of the first array
  Archive archive;
  std::string error;
  EXPECT_FALSE(parseNpz("bad.npz", bytes.data(), bytes.size(), archive, error));
  EXPECT_THAT(error, HasSubstr("bad.npz: array x: its c"));
}

TEST(Npz, RandomDamageNeverGivesOtherElements) {
  std::vector<uint8_t> whole = bytesOf(kGolden);
  Archive expected, archive;
  std::string error;
  ASSERT_TRUE(parseNpz("good.npz", whole.data(), whole.size(), expected, error));
  unsigned seed = 1;
  std::mt19937 random(seed);
  for (int i = 0; i < 300; ++i) {
    std::vector<uint8_t> bytes = whole;
    // Half of the damage in the directory at the end.
    size_t window = i % 2 ? bytes.size() : 1000;
    bytes[bytes.size() - 1 - random() % window] ^= uint8_t(1 + random() % 255);
    if (!parseNpz("bad.npz", bytes.data(), bytes.size(), archive, error))
      continue;
    for (auto &[name, array] : archive)
      if (expected.count(name))
        ASSERT_EQ(array.data, expected[name].data) << name << ", seed " << seed << ", round " << i;
  }
}

namespace {
/// A small archive as it is written: stored, with zip64 fields.
std::vector<uint8_t> smallArchive(Archive &archive) {
  archive["x"] = bytesArray(DType::F32, {2, 2}, {1, 2, 3, 4});
  archive["long_name"] = bytesArray(DType::F64, {3}, {5, 6, 7});
  std::string path = temporaryPath("small.npz"), error;
  EXPECT_TRUE(writeNpz(path, archive, error)) << error;
  std::vector<uint8_t> bytes = bytesOf(path);
  std::remove(path.c_str());
  return bytes;
}
} // namespace

TEST(Npz, EveryCutOfAStoredFileIsAnError) {
  Archive written, archive;
  std::vector<uint8_t> whole = smallArchive(written);
  std::string error;
  for (size_t size = 0; size < whole.size(); ++size) {
    std::vector<uint8_t> cut(whole.begin(), whole.begin() + size);
    ASSERT_FALSE(parseNpz("cut.npz", cut.data(), cut.size(), archive, error)) << size;
  }
}

TEST(Npz, NoDamagedBitOfAStoredFileGivesOtherElements) {
  Archive written, archive;
  std::vector<uint8_t> bytes = smallArchive(written);
  std::string error;
  unsigned refused = 0;
  for (size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    bytes[bit / 8] ^= uint8_t(1 << bit % 8);
    if (!parseNpz("bad.npz", bytes.data(), bytes.size(), archive, error))
      ++refused;
    else
      for (auto &[name, array] : archive)
        if (written.count(name))
          ASSERT_EQ(array.data, written[name].data) << name << ", bit " << bit;
    bytes[bit / 8] ^= uint8_t(1 << bit % 8);
  }
  EXPECT_GT(refused, bytes.size() * 4); // most bits matter
}

TEST(Npz, AnImpossibleSizeIsRefusedBeforeItIsAllocated) {
  std::vector<uint8_t> bytes = bytesOf(kGolden);
  // The first directory entry: "PK" 1 2; the size of its content is at byte 24.
  const uint8_t signature[] = {'P', 'K', 1, 2};
  auto entry = std::search(bytes.begin(), bytes.end(), std::begin(signature), std::end(signature));
  ASSERT_NE(entry, bytes.end());
  std::fill(entry + 24, entry + 28, uint8_t(0xf0));
  Archive archive;
  std::string error;
  EXPECT_FALSE(parseNpz("bad.npz", bytes.data(), bytes.size(), archive, error));
  EXPECT_EQ(error, "bad.npz: array x: its size in the archive's directory is impossible");
}

TEST(Npz, RefusesAnotherCompression) {
  std::vector<uint8_t> bytes = bytesOf(kGolden);
  const uint8_t signature[] = {'P', 'K', 1, 2};
  auto entry = std::search(bytes.begin(), bytes.end(), std::begin(signature), std::end(signature));
  ASSERT_NE(entry, bytes.end());
  entry[10] = 14; // LZMA
  Archive archive;
  std::string error;
  EXPECT_FALSE(parseNpz("bad.npz", bytes.data(), bytes.size(), archive, error));
  EXPECT_EQ(error, "bad.npz: array x: expected it stored or deflated, got compression method 14");
}
