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
#include <sys/stat.h>
#include <thread>
#include <zlib.h>

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
  for (std::vector<int64_t> shape : {std::vector<int64_t>{}, {5}, {0, 3}, {2, 0, 4}, {1, 2, 1, 2, 1}}) {
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
              HasSubstr("expected dtype f4, f8, f2, i4, i8, or V2 or u2 (the bits of bfloat16), little-endian, got >f4"));
  EXPECT_THAT(errorOf(npyWith("{'descr': '<f4', 'fortran_order': False, }", 8)), HasSubstr("expected a header"));
  EXPECT_THAT(errorOf(npyWith("{'descr': '<f4', 'fortran_order': False, 'shape': (3,), }", 8)), HasSubstr("ends in its elements"));
  EXPECT_THAT(errorOf(npyWith("{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999, 99999999999), }", 8)),
              HasSubstr("ends in its elements"));
  EXPECT_THAT(errorOf(npyWith("{'descr': '<f4', 'fortran_order': False, 'shape': (1,), }", 8)),
              HasSubstr("expected 4 bytes of elements, got 8"));
  EXPECT_THAT(errorOf(npyWith("{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999,), }", 8)),
              HasSubstr("expected a header"));
  std::string ones;
  for (int i = 0; i < 65; ++i)
    ones += "1,";
  EXPECT_THAT(errorOf(npyWith("{'descr': '<f4', 'fortran_order': True, 'shape': (" + ones + "), }", 4)),
              HasSubstr("expected at most 64 dimensions, got 65"));
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
  EXPECT_EQ(rounded(DType::F16, std::ldexp(3, -24)), std::ldexp(3, -24));      // subnormal
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

TEST(Npy, AnEmptyArrayBehindAnyDimensions) {
  auto bytes = npyWith("{'descr': '<f4', 'fortran_order': True, 'shape': (99999999999, 99999999999, 0, 4), }", 0);
  Array array;
  std::string error;
  ASSERT_TRUE(parseNpy("f.npy", bytes.data(), bytes.size(), array, error)) << error;
  EXPECT_EQ(array.numElements(), 0u);
  EXPECT_TRUE(array.toDoubles().empty());
}

namespace {
void put(std::vector<uint8_t> &bytes, uint64_t value, unsigned count) {
  for (unsigned i = 0; i < count; ++i)
    bytes.push_back(i < 8 ? uint8_t(value >> 8 * i) : 0);
}

/// An archive of members that are deflated, as zip writes them: 32-bit fields, no zip64.
std::vector<uint8_t> zipOf(const std::vector<std::pair<std::string, std::vector<uint8_t>>> &members) {
  std::vector<uint8_t> bytes, directory;
  for (auto &[name, content] : members) {
    std::vector<uint8_t> deflated(compressBound(content.size()));
    z_stream stream{};
    EXPECT_EQ(deflateInit2(&stream, 9, Z_DEFLATED, -MAX_WBITS, 9, Z_DEFAULT_STRATEGY), Z_OK);
    stream.next_in = const_cast<uint8_t *>(content.data());
    stream.avail_in = uInt(content.size());
    stream.next_out = deflated.data();
    stream.avail_out = uInt(deflated.size());
    EXPECT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
    deflated.resize(stream.total_out);
    deflateEnd(&stream);
    std::vector<uint8_t> common;
    for (unsigned value : {20u, 0u, 8u, 0u, 0x21u})
      put(common, value, 2);
    for (uint64_t value : {uint64_t(crc32(0, content.data(), uInt(content.size()))), uint64_t(deflated.size()), uint64_t(content.size())})
      put(common, value, 4);
    put(common, name.size(), 2);
    put(common, 0, 2);
    put(directory, 0x02014b50, 4);
    put(directory, 20, 2);
    directory.insert(directory.end(), common.begin(), common.end());
    put(directory, 0, 10);
    put(directory, bytes.size(), 4);
    directory.insert(directory.end(), name.begin(), name.end());
    put(bytes, 0x04034b50, 4);
    bytes.insert(bytes.end(), common.begin(), common.end());
    bytes.insert(bytes.end(), name.begin(), name.end());
    bytes.insert(bytes.end(), deflated.begin(), deflated.end());
  }
  size_t offset = bytes.size();
  bytes.insert(bytes.end(), directory.begin(), directory.end());
  put(bytes, 0x06054b50, 4);
  put(bytes, 0, 4);
  put(bytes, members.size(), 2);
  put(bytes, members.size(), 2);
  put(bytes, directory.size(), 4);
  put(bytes, offset, 4);
  put(bytes, 0, 2);
  return bytes;
}

std::vector<uint8_t> textBytes(const std::string &text) { return {text.begin(), text.end()}; }
} // namespace

TEST(Npz, MembersThatAreNoArraysArePassedOver) {
  std::vector<uint8_t> x = formatNpy(bytesArray(DType::F32, {2}, {1, 2}));
  auto bytes = zipOf({{"folder/", {}}, {"README.txt", textBytes("what these are")}, {"x.npy", x}, {"y.npy", textBytes("no")}});
  Archive archive;
  std::string error;
  ASSERT_TRUE(parseNpz("a.npz", bytes.data(), bytes.size(), archive, error)) << error;
  ASSERT_EQ(archive.size(), 1u);
  EXPECT_THAT(archive["x"].toDoubles(), ElementsAre(1, 2));

  Selection selection{[](const std::string &name) { return name == "x"; }, {}, {}};
  ASSERT_TRUE(parseNpz("a.npz", bytes.data(), bytes.size(), archive, error, &selection)) << error;
  EXPECT_THAT(selection.others, ElementsAre("y"));
  EXPECT_THAT(selection.noArrays, ElementsAre("folder/", "README.txt"));
  // One that is wanted must be an array.
  selection.wants = [](const std::string &name) { return name == "y"; };
  EXPECT_FALSE(parseNpz("a.npz", bytes.data(), bytes.size(), archive, error, &selection));
  EXPECT_EQ(error, "a.npz: array y: expected an .npy file");
}

TEST(Npz, WhatIsNotWantedIsNotEvenChecked) {
  Archive written, archive;
  std::vector<uint8_t> bytes = smallArchive(written);
  const std::string name = "long_name.npy";
  auto member = std::search(bytes.begin(), bytes.end(), name.begin(), name.end());
  *(member + 100) ^= 1; // in its content
  std::string error;
  EXPECT_FALSE(parseNpz("a.npz", bytes.data(), bytes.size(), archive, error));
  Selection selection{[](const std::string &name) { return name == "x"; }, {}, {}};
  ASSERT_TRUE(parseNpz("a.npz", bytes.data(), bytes.size(), archive, error, &selection)) << error;
  EXPECT_EQ(archive.size(), 1u);
  EXPECT_THAT(selection.others, ElementsAre("long_name"));
}

TEST(Npz, NoArrayIsInflatedBeyondWhatItsHeaderStates) {
  std::vector<uint8_t> x = formatNpy(bytesArray(DType::F32, {2}, {1, 2}));
  x.resize(x.size() + (16u << 20)); // zeros that deflate to 16 KB
  auto bytes = zipOf({{"x.npy", x}});
  ASSERT_LT(bytes.size(), 100000u);
  Archive archive;
  std::string error;
  EXPECT_FALSE(parseNpz("a.npz", bytes.data(), bytes.size(), archive, error));
  EXPECT_EQ(error, "a.npz: array x: expected 8 bytes of elements, got 16777224");
  EXPECT_TRUE(archive.empty());
  // A header of any length is one, too.
  std::vector<uint8_t> npy{0x93, 'N', 'U', 'M', 'P', 'Y', 2, 0, 0, 0, 0, 1};
  npy.resize(12 + (16u << 20), ' ');
  bytes = zipOf({{"x.npy", npy}});
  EXPECT_FALSE(parseNpz("a.npz", bytes.data(), bytes.size(), archive, error));
  EXPECT_EQ(error, "a.npz: array x: expected a header of at most 65536 bytes, got 16777216");
}

TEST(Npz, ManyStepsOfInflation) {
  std::vector<double> values(100000);
  std::mt19937 random(1);
  for (double &value : values)
    value = random() % 1000;
  auto bytes =
      zipOf({{"x.npy", formatNpy(bytesArray(DType::F64, {100000}, values))}, {"empty.npy", formatNpy(bytesArray(DType::F32, {3, 0}, {}))}});
  Archive archive;
  std::string error;
  ASSERT_TRUE(parseNpz("a.npz", bytes.data(), bytes.size(), archive, error)) << error;
  EXPECT_EQ(archive["x"].toDoubles(), values);
  EXPECT_THAT(archive["empty"].shape, ElementsAre(3, 0));
}

TEST(Npz, BytesBeforeTheArchiveArePassedOver) {
  std::vector<uint8_t> x = formatNpy(bytesArray(DType::F32, {2}, {1, 2}));
  Archive written, archive;
  std::string error;
  for (std::vector<uint8_t> bytes : {zipOf({{"x.npy", x}}), smallArchive(written), bytesOf(kGolden)}) {
    std::vector<uint8_t> prefix = textBytes("#!/bin/sh\nexec unpack\n");
    bytes.insert(bytes.begin(), prefix.begin(), prefix.end());
    ASSERT_TRUE(parseNpz("a.npz", bytes.data(), bytes.size(), archive, error)) << error;
    EXPECT_FALSE(archive["x"].data.empty());
  }
}

TEST(Npz, ACommentMayHoldTheDirectorysSignature) {
  std::vector<uint8_t> bytes = zipOf({{"x.npy", formatNpy(bytesArray(DType::F32, {2}, {1, 2}))}});
  std::vector<uint8_t> comment = textBytes("PK\5\6 and more words than a record has bytes");
  bytes[bytes.size() - 2] = uint8_t(comment.size());
  bytes.insert(bytes.end(), comment.begin(), comment.end());
  Archive archive;
  std::string error;
  ASSERT_TRUE(parseNpz("a.npz", bytes.data(), bytes.size(), archive, error)) << error;
  EXPECT_THAT(archive["x"].toDoubles(), ElementsAre(1, 2));
}

TEST(Npz, APipeIsRead) {
  std::string pipe = temporaryPath("pipe");
  ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
  std::thread writer([&] {
    std::vector<uint8_t> bytes = bytesOf(kGolden);
    std::ofstream(pipe, std::ios::binary).write(reinterpret_cast<const char *>(bytes.data()), std::streamsize(bytes.size()));
  });
  Archive archive;
  std::string error;
  EXPECT_TRUE(readFile(pipe, archive, error)) << error;
  writer.join();
  EXPECT_EQ(archive.count("x"), 1u);
  std::remove(pipe.c_str());
}

TEST(Npz, RefusesAnEncryptedMember) {
  std::vector<uint8_t> bytes = zipOf({{"x.npy", formatNpy(bytesArray(DType::F32, {2}, {1, 2}))}});
  const uint8_t signature[] = {'P', 'K', 1, 2};
  auto entry = std::search(bytes.begin(), bytes.end(), std::begin(signature), std::end(signature));
  entry[8] = 1;
  Archive archive;
  std::string error;
  EXPECT_FALSE(parseNpz("bad.npz", bytes.data(), bytes.size(), archive, error));
  EXPECT_EQ(error, "bad.npz: array x: expected it in plain, got it encrypted");
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
