// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The .npy format: magic, version, a Python dictionary with type, order and shape, then the elements.

#include "Npy.h"
#include <algorithm>
#include <cctype>
#include <cstring>

namespace mixc::npz {

namespace {
constexpr char kMagic[] = "\x93NUMPY";

/// Reads the dictionary `{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }`.
class HeaderParser {
public:
  HeaderParser(const char *text, size_t size) : at(text), end(text + size) {}

  std::string descr;
  bool fortranOrder = false;
  std::vector<int64_t> shape;

  bool parse() {
    bool hasDescr = false, hasOrder = false, hasShape = false;
    if (!take('{'))
      return false;
    while (!take('}')) {
      std::string key;
      if (!parseString(key) || !take(':'))
        return false;
      if (key == "descr")
        hasDescr = parseString(descr);
      else if (key == "fortran_order")
        hasOrder = parseBool();
      else if (key == "shape")
        hasShape = parseShape();
      else
        return false;
      take(',');
    }
    return hasDescr && hasOrder && hasShape;
  }

private:
  const char *at, *end;

  bool take(char expected) {
    while (at < end && std::isspace(static_cast<unsigned char>(*at)))
      ++at;
    if (at == end || *at != expected)
      return false;
    ++at;
    return true;
  }
  bool parseString(std::string &text) {
    if (!take('\''))
      return false;
    const char *begin = at;
    while (at < end && *at != '\'')
      ++at;
    text.assign(begin, at);
    return take('\'');
  }
  bool parseWord(const char *word) {
    size_t length = std::strlen(word);
    while (at < end && *at == ' ')
      ++at;
    if (size_t(end - at) < length || std::memcmp(at, word, length) != 0)
      return false;
    at += length;
    return true;
  }
  bool parseBool() {
    fortranOrder = parseWord("True");
    return fortranOrder || parseWord("False");
  }
  bool parseShape() {
    if (!take('('))
      return false;
    while (!take(')')) {
      int64_t size = 0;
      const char *begin = at;
      for (; at < end && std::isdigit(static_cast<unsigned char>(*at)) && size < (INT64_C(1) << 56); ++at)
        size = size * 10 + (*at - '0');
      bool isLong = at < end && std::isdigit(static_cast<unsigned char>(*at));
      if (at == begin || isLong)
        return false;
      shape.push_back(size);
      take(',');
      while (at < end && *at == ' ')
        ++at;
    }
    return true;
  }
};

bool symbolizeDtype(const std::string &descr, DType &dtype) {
  std::string name = descr;
  if (!name.empty() && (name[0] == '<' || name[0] == '|' || name[0] == '='))
    name.erase(0, 1);
  static const std::pair<const char *, DType> names[] = {{"f4", DType::F32},  {"f8", DType::F64}, {"f2", DType::F16}, {"V2", DType::BF16},
                                                         {"u2", DType::BF16}, {"i4", DType::I32}, {"i8", DType::I64}};
  for (auto &[known, value] : names)
    if (name == known) {
      dtype = value;
      return true;
    }
  return false;
}

const char *descrOf(DType dtype) {
  switch (dtype) {
  case DType::F32:
    return "<f4";
  case DType::F64:
    return "<f8";
  case DType::F16:
    return "<f2";
  case DType::BF16:
    return "|V2";
  case DType::I32:
    return "<i4";
  case DType::I64:
    return "<i8";
  }
  return "";
}

/// The number of elements, or false where the bytes could not hold as many.
bool countElements(const std::vector<int64_t> &shape, size_t limit, size_t &count) {
  count = 1;
  for (int64_t size : shape)
    if (size == 0)
      count = 0;
  for (int64_t size : shape) {
    if (count > 0 && count > limit / size_t(size))
      return false;
    count *= size_t(size);
  }
  return true;
}
} // namespace

bool isNpy(const uint8_t *bytes, size_t size) { return size >= 10 && std::memcmp(bytes, kMagic, 6) == 0; }

std::string npyHeaderSize(const uint8_t *start, uint64_t fileSize, size_t &headerSize) {
  constexpr size_t kMost = 1 << 16; // what version 1 can say
  if (!isNpy(start, size_t(std::min<uint64_t>(fileSize, kNpyStart))))
    return "expected an .npy file";
  int version = start[6];
  if (version < 1 || version > 3)
    return "expected .npy version 1, 2 or 3, got " + std::to_string(version);
  size_t begin = version == 1 ? 10 : 12;
  if (fileSize < begin)
    return "the file ends in its header";
  size_t length = start[8] | size_t(start[9]) << 8;
  if (version > 1)
    length |= size_t(start[10]) << 16 | size_t(start[11]) << 24;
  if (length > fileSize - begin)
    return "the file ends in its header";
  if (length > kMost)
    return "expected a header of at most " + std::to_string(kMost) + " bytes, got " + std::to_string(length);
  headerSize = begin + length;
  return "";
}

std::string parseNpyHeader(const uint8_t *bytes, size_t headerSize, uint64_t fileSize, NpyHeader &header) {
  constexpr size_t kMaxRank = 64; // numpy's
  size_t begin = bytes[6] == 1 ? 10 : 12;
  HeaderParser parser(reinterpret_cast<const char *>(bytes) + begin, headerSize - begin);
  if (!parser.parse())
    return "expected a header with descr, fortran_order and shape";
  if (!symbolizeDtype(parser.descr, header.dtype))
    return "expected dtype f4, f8, f2, i4, i8, or V2 or u2 (the bits of bfloat16), little-endian, got " + parser.descr;
  if (parser.shape.size() > kMaxRank)
    return "expected at most " + std::to_string(kMaxRank) + " dimensions, got " + std::to_string(parser.shape.size());
  size_t elementSize = dtypeSize(header.dtype), count;
  uint64_t available = fileSize - headerSize;
  if (!countElements(parser.shape, size_t(available) / elementSize, count))
    return "the file ends in its elements: its shape needs more than the " + std::to_string(available) + " bytes there are";
  header.elements = count * elementSize;
  if (available > header.elements)
    return "expected " + std::to_string(header.elements) + " bytes of elements, got " + std::to_string(available);
  header.fortranOrder = parser.fortranOrder;
  header.shape = std::move(parser.shape);
  return "";
}

std::vector<uint8_t> transposed(const std::vector<uint8_t> &elements, const NpyHeader &header) {
  std::vector<uint8_t> out(elements.size());
  size_t elementSize = dtypeSize(header.dtype), rank = header.shape.size();
  std::vector<int64_t> index(rank, 0);
  for (size_t at = 0; at < out.size(); at += elementSize) {
    size_t offset = 0, stride = 1;
    for (size_t d = 0; d < rank; ++d) {
      offset += size_t(index[d]) * stride;
      stride *= size_t(header.shape[d]);
    }
    std::memcpy(out.data() + at, elements.data() + offset * elementSize, elementSize);
    for (size_t d = rank; d-- > 0 && ++index[d] == header.shape[d];)
      index[d] = 0;
  }
  return out;
}

bool parseNpy(const std::string &what, const uint8_t *bytes, size_t size, Array &array, std::string &error) {
  NpyHeader header;
  size_t begin = 0;
  std::string problem = npyHeaderSize(bytes, size, begin);
  if (problem.empty())
    problem = parseNpyHeader(bytes, begin, size, header);
  if (!problem.empty()) {
    error = what + ": " + problem;
    return false;
  }
  array.dtype = header.dtype;
  array.data.assign(bytes + begin, bytes + size);
  if (header.fortranOrder)
    array.data = transposed(array.data, header);
  array.shape = std::move(header.shape);
  return true;
}

std::vector<uint8_t> formatNpy(const Array &array) {
  std::string header = "{'descr': '" + std::string(descrOf(array.dtype)) + "', 'fortran_order': False, 'shape': (";
  for (int64_t size : array.shape)
    header += std::to_string(size) + (array.shape.size() == 1 ? "," : ", ");
  if (array.shape.size() > 1)
    header.resize(header.size() - 2);
  header += "), }";
  // The elements begin at a multiple of 64 bytes.
  header.append(63 - (10 + header.size()) % 64, ' ');
  header += '\n';
  std::vector<uint8_t> bytes(kMagic, kMagic + 6);
  bytes.insert(bytes.end(), {1, 0, uint8_t(header.size()), uint8_t(header.size() >> 8)});
  bytes.insert(bytes.end(), header.begin(), header.end());
  bytes.insert(bytes.end(), array.data.begin(), array.data.end());
  return bytes;
}

} // namespace mixc::npz
