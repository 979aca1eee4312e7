// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The .npz format: a zip archive of .npy files, stored or deflated.

#include "mixc/npz/Npz.h"
#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>
#include <zlib.h>

namespace mixc::npz {

namespace {
constexpr uint32_t kEndOfDirectory = 0x06054b50, kEndOfDirectory64 = 0x06064b50, kLocator64 = 0x07064b50;
constexpr uint32_t kDirectoryEntry = 0x02014b50, kLocalHeader = 0x04034b50;
constexpr size_t kEndSize = 22, kEndSize64 = 56, kLocatorSize = 20, kEntrySize = 46, kLocalSize = 30;

/// Little-endian reads that are checked by the caller.
struct Bytes {
  const uint8_t *data;
  size_t size;

  uint64_t read(size_t at, unsigned count) const {
    uint64_t value = 0;
    for (unsigned i = 0; i < count; ++i)
      value |= uint64_t(data[at + i]) << (8 * i);
    return value;
  }
  uint16_t u16(size_t at) const { return uint16_t(read(at, 2)); }
  uint32_t u32(size_t at) const { return uint32_t(read(at, 4)); }
  uint64_t u64(size_t at) const { return read(at, 8); }
  bool has(uint64_t at, uint64_t count) const { return at <= size && count <= size - at; }
};

struct Member {
  std::string name;
  uint16_t method = 0;
  uint32_t crc = 0;
  uint64_t compressed = 0, uncompressed = 0, offset = 0;
};

struct Directory {
  uint64_t offset = 0, entries = 0;
};

bool findDirectory(Bytes zip, Directory &directory) {
  if (zip.size < kEndSize)
    return false;
  size_t lowest = zip.size > kEndSize + 0xffff ? zip.size - kEndSize - 0xffff : 0;
  size_t at = zip.size - kEndSize;
  while (zip.u32(at) != kEndOfDirectory)
    if (at-- == lowest)
      return false;
  directory.entries = zip.u16(at + 10);
  directory.offset = zip.u32(at + 16);
  if (at < kLocatorSize || zip.u32(at - kLocatorSize) != kLocator64)
    return true;
  uint64_t end64 = zip.u64(at - kLocatorSize + 8);
  if (!zip.has(end64, kEndSize64) || zip.u32(end64) != kEndOfDirectory64)
    return false;
  directory.entries = zip.u64(end64 + 32);
  directory.offset = zip.u64(end64 + 48);
  return true;
}

/// Takes sizes and offset that did not fit 32 bits from the zip64 extra field.
bool readExtra64(Bytes zip, size_t at, size_t length, Member &member) {
  size_t end = at + length;
  while (at + 4 <= end) {
    uint16_t id = zip.u16(at), size = zip.u16(at + 2);
    at += 4;
    if (size > end - at)
      return false;
    size_t field = at, fieldEnd = at + size;
    for (uint64_t *value : {&member.uncompressed, &member.compressed, &member.offset}) {
      if (id != 1 || *value != 0xffffffff)
        continue;
      if (fieldEnd - field < 8)
        return false;
      *value = zip.u64(field);
      field += 8;
    }
    at += size;
  }
  return true;
}

/// Reads the directory's entry at `at` and moves past it.
bool readEntry(Bytes zip, uint64_t &at, Member &member) {
  if (!zip.has(at, kEntrySize) || zip.u32(at) != kDirectoryEntry)
    return false;
  member.method = zip.u16(at + 10);
  member.crc = zip.u32(at + 16);
  member.compressed = zip.u32(at + 20);
  member.uncompressed = zip.u32(at + 24);
  member.offset = zip.u32(at + 42);
  size_t name = zip.u16(at + 28), extra = zip.u16(at + 30), comment = zip.u16(at + 32);
  if (!zip.has(at + kEntrySize, name + extra + comment))
    return false;
  member.name.assign(reinterpret_cast<const char *>(zip.data) + at + kEntrySize, name);
  if (!readExtra64(zip, at + kEntrySize + name, extra, member))
    return false;
  at += kEntrySize + name + extra + comment;
  return true;
}

bool inflateInto(const uint8_t *in, size_t size, std::vector<uint8_t> &out) {
  z_stream stream{};
  if (inflateInit2(&stream, -MAX_WBITS) != Z_OK)
    return false;
  size_t read = 0, written = 0;
  int result = Z_OK;
  constexpr size_t kStep = 1u << 30; // zlib counts in 32 bits
  while (result == Z_OK) {
    size_t in_step = std::min(kStep, size - read), out_step = std::min(kStep, out.size() - written);
    stream.next_in = const_cast<uint8_t *>(in + read);
    stream.avail_in = uInt(in_step);
    stream.next_out = out.data() + written;
    stream.avail_out = uInt(out_step);
    result = inflate(&stream, Z_NO_FLUSH);
    read += in_step - stream.avail_in;
    written += out_step - stream.avail_out;
    if (result == Z_OK && stream.avail_in == in_step && stream.avail_out == out_step)
      break; // no progress
  }
  inflateEnd(&stream);
  return result == Z_STREAM_END && written == out.size();
}

uint32_t crcOf(const uint8_t *bytes, size_t size) { return uint32_t(crc32_z(0, bytes, size)); }

/// The member's content, or an error text.
std::string readMember(Bytes zip, const Member &member, std::vector<uint8_t> &content) {
  if (!zip.has(member.offset, kLocalSize) || zip.u32(member.offset) != kLocalHeader)
    return "its header is not where the archive's directory says";
  uint64_t begin = member.offset + kLocalSize + zip.u16(member.offset + 26) + zip.u16(member.offset + 28);
  if (!zip.has(begin, member.compressed))
    return "the file ends in it";
  const uint8_t *bytes = zip.data + begin;
  if (member.method == 0) {
    if (member.compressed != member.uncompressed)
      return "its sizes in the archive's directory differ";
    content.assign(bytes, bytes + member.compressed);
  } else if (member.method == 8) {
    // Deflate never shrinks more than 1032 times: a larger size is a damaged one.
    if (member.uncompressed / 1032 > member.compressed + 1)
      return "its size in the archive's directory is impossible";
    content.resize(member.uncompressed);
    if (!inflateInto(bytes, member.compressed, content))
      return "its compressed data is damaged";
  } else {
    return "expected it stored or deflated, got compression method " + std::to_string(member.method);
  }
  if (crcOf(content.data(), content.size()) != member.crc)
    return "its checksum is wrong";
  return "";
}

bool endsWith(const std::string &text, const char *ending) {
  size_t length = std::strlen(ending);
  return text.size() >= length && text.compare(text.size() - length, length, ending) == 0;
}

struct CloseFile {
  void operator()(FILE *file) const { std::fclose(file); }
};
using File = std::unique_ptr<FILE, CloseFile>;
} // namespace

bool parseNpz(const std::string &what, const uint8_t *bytes, size_t size, Archive &archive, std::string &error) {
  Bytes zip{bytes, size};
  auto fail = [&](const std::string &message) {
    error = what + ": " + message;
    return false;
  };
  Directory directory;
  if (!findDirectory(zip, directory))
    return fail("expected an .npz file, found no zip directory: it is cut off or something else");
  archive.clear();
  uint64_t at = directory.offset;
  for (uint64_t i = 0; i < directory.entries; ++i) {
    Member member;
    if (!readEntry(zip, at, member))
      return fail("the zip directory is damaged");
    std::string name = endsWith(member.name, ".npy") ? member.name.substr(0, member.name.size() - 4) : member.name;
    std::vector<uint8_t> content;
    std::string problem = readMember(zip, member, content);
    if (!problem.empty())
      return fail("array " + name + ": " + problem);
    if (!parseNpy(what + ": array " + name, content.data(), content.size(), archive[name], error))
      return false;
  }
  return true;
}

bool readFile(const std::string &path, Archive &archive, std::string &error) {
  auto fail = [&](const std::string &message) {
    error = path + ": " + message;
    return false;
  };
  File file(std::fopen(path.c_str(), "rb"));
  if (!file)
    return fail(std::string("cannot open: ") + std::strerror(errno));
  std::vector<uint8_t> bytes;
  uint8_t buffer[1 << 16];
  while (size_t count = std::fread(buffer, 1, sizeof buffer, file.get()))
    bytes.insert(bytes.end(), buffer, buffer + count);
  if (std::ferror(file.get()))
    return fail("cannot read");
  if (!endsWith(path, ".npy"))
    return parseNpz(path, bytes.data(), bytes.size(), archive, error);
  std::string name = path.substr(path.find_last_of('/') + 1);
  name.resize(name.size() - 4);
  archive.clear();
  return parseNpy(path, bytes.data(), bytes.size(), archive[name], error);
}

namespace {
/// Appends little-endian fields.
struct Writer {
  std::vector<uint8_t> bytes;
  void put(uint64_t value, unsigned count) {
    for (unsigned i = 0; i < count; ++i)
      bytes.push_back(uint8_t(value >> (8 * i)));
  }
  void put(const std::string &text) { bytes.insert(bytes.end(), text.begin(), text.end()); }
};

constexpr uint64_t kDate1980 = 0x0021; // no clock: the same arrays give the same file

/// A local header (`directory` false) or a directory entry; sizes and offset always in a zip64 field.
void putHeader(Writer &out, const Member &member, bool directory) {
  out.put(directory ? kDirectoryEntry : kLocalHeader, 4);
  if (directory)
    out.put(45, 2); // made by zip 4.5
  out.put(45, 2);   // needs zip 4.5: zip64
  out.put(0, 2);
  out.put(0, 2); // stored
  out.put(0, 2);
  out.put(kDate1980, 2);
  out.put(member.crc, 4);
  out.put(0xffffffff, 4);
  out.put(0xffffffff, 4);
  out.put(member.name.size(), 2);
  out.put(directory ? 28 : 20, 2);
  if (directory) {
    out.put(0, 2); // comment
    out.put(0, 2); // disk
    out.put(0, 2); // internal attributes
    out.put(0, 4); // external attributes
    out.put(0xffffffff, 4);
  }
  out.put(member.name);
  out.put(1, 2);
  out.put(directory ? 24 : 16, 2);
  out.put(member.uncompressed, 8);
  out.put(member.uncompressed, 8);
  if (directory)
    out.put(member.offset, 8);
}

void putEnd(Writer &out, uint64_t entries, uint64_t size, uint64_t offset) {
  out.put(kEndOfDirectory64, 4);
  out.put(kEndSize64 - 12, 8);
  out.put(45, 2);
  out.put(45, 2);
  out.put(0, 8);
  out.put(entries, 8);
  out.put(entries, 8);
  out.put(size, 8);
  out.put(offset, 8);
  out.put(kLocator64, 4);
  out.put(0, 4);
  out.put(offset + size, 8);
  out.put(1, 4);
  out.put(kEndOfDirectory, 4);
  out.put(0, 4);
  uint64_t entries16 = std::min<uint64_t>(entries, 0xffff);
  out.put(entries16, 2);
  out.put(entries16, 2);
  out.put(0xffffffff, 4);
  out.put(0xffffffff, 4);
  out.put(0, 2);
}
} // namespace

bool writeNpz(const std::string &path, const Archive &archive, std::string &error) {
  File file(std::fopen(path.c_str(), "wb"));
  auto fail = [&] {
    error = path + ": cannot write: " + std::strerror(errno);
    return false;
  };
  if (!file)
    return fail();
  uint64_t offset = 0;
  auto write = [&](const std::vector<uint8_t> &bytes) {
    offset += bytes.size();
    return std::fwrite(bytes.data(), 1, bytes.size(), file.get()) == bytes.size();
  };
  Writer directory;
  for (auto &[name, array] : archive) {
    std::vector<uint8_t> content = formatNpy(array);
    Member member;
    member.name = name + ".npy";
    member.crc = crcOf(content.data(), content.size());
    member.uncompressed = content.size();
    member.offset = offset;
    Writer header;
    putHeader(header, member, false);
    putHeader(directory, member, true);
    if (!write(header.bytes) || !write(content))
      return fail();
  }
  uint64_t directorySize = directory.bytes.size();
  putEnd(directory, archive.size(), directorySize, offset);
  if (!write(directory.bytes) || std::fclose(file.release()) != 0)
    return fail();
  return true;
}

} // namespace mixc::npz
