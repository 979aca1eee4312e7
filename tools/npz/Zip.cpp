// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Zip.h"
#include <algorithm>
#include <cstring>

namespace mixc::npz {

bool Source::read(uint64_t at, size_t count, uint8_t *to) const {
  if (!has(at, count))
    return false;
  if (count == 0)
    return true;
  if (memory) {
    std::memcpy(to, memory + at, count);
    return true;
  }
  return fseeko(file, off_t(at), SEEK_SET) == 0 && std::fread(to, 1, count, file) == count;
}

bool Source::read(uint64_t at, size_t count, std::vector<uint8_t> &to) const {
  if (!has(at, count))
    return false;
  to.resize(count);
  return read(at, count, to.data());
}

static const char kDamagedData[] = "its compressed data is damaged";

namespace {
/// Little-endian reads that are checked by the caller.
struct Bytes {
  const std::vector<uint8_t> &data;

  uint64_t read(size_t at, unsigned count) const {
    uint64_t value = 0;
    for (unsigned i = 0; i < count; ++i)
      value |= uint64_t(data[at + i]) << (8 * i);
    return value;
  }
  uint16_t u16(size_t at) const { return uint16_t(read(at, 2)); }
  uint32_t u32(size_t at) const { return uint32_t(read(at, 4)); }
  uint64_t u64(size_t at) const { return read(at, 8); }
  bool has(uint64_t at, uint64_t count) const { return at <= data.size() && count <= data.size() - at; }
};

/// What the end of the archive says of its directory. Offsets count from where the archive says that it begins.
struct Directory {
  uint64_t entries = 0, size = 0, offset = 0;
  uint64_t end = 0; ///< position in the source of what follows the directory
};

/// The zip64 end record: where the locator says, or right before it where other bytes stand before the archive.
bool findEnd64(const Source &source, uint64_t locator, Directory &directory) {
  std::vector<uint8_t> record;
  Bytes bytes{record};
  if (!source.read(locator, kLocatorSize, record) || bytes.u32(0) != kLocator64)
    return true;
  uint64_t stated = bytes.u64(8);
  auto isThere = [&](uint64_t at) { return source.read(at, kEndSize64, record) && bytes.u32(0) == kEndOfDirectory64; };
  directory.end = stated;
  if (!isThere(stated)) {
    if (locator < kEndSize64 || !isThere(directory.end = locator - kEndSize64))
      return false;
  }
  directory.entries = bytes.u64(32);
  directory.size = bytes.u64(40);
  directory.offset = bytes.u64(48);
  return true;
}

bool findDirectory(const Source &source, Directory &directory) {
  size_t tailSize = size_t(std::min<uint64_t>(source.size(), kEndSize + 0xffff));
  std::vector<uint8_t> tail;
  if (tailSize < kEndSize || !source.read(source.size() - tailSize, tailSize, tail))
    return false;
  Bytes bytes{tail};
  size_t at = tailSize - kEndSize;
  // The record ends with a comment of a stated length.
  while (bytes.u32(at) != kEndOfDirectory || at + kEndSize + bytes.u16(at + 20) > tailSize)
    if (at-- == 0)
      return false;
  directory.entries = bytes.u16(at + 10);
  directory.size = bytes.u32(at + 12);
  directory.offset = bytes.u32(at + 16);
  directory.end = source.size() - tailSize + at;
  return directory.end < kLocatorSize || findEnd64(source, directory.end - kLocatorSize, directory);
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
  member.flags = zip.u16(at + 8);
  member.method = zip.u16(at + 10);
  member.crc = zip.u32(at + 16);
  member.compressed = zip.u32(at + 20);
  member.uncompressed = zip.u32(at + 24);
  member.offset = zip.u32(at + 42);
  size_t name = zip.u16(at + 28), extra = zip.u16(at + 30), comment = zip.u16(at + 32);
  if (!zip.has(at + kEntrySize, name + extra + comment))
    return false;
  member.name.assign(reinterpret_cast<const char *>(zip.data.data()) + at + kEntrySize, name);
  if (!readExtra64(zip, at + kEntrySize + name, extra, member))
    return false;
  at += kEntrySize + name + extra + comment;
  return true;
}
} // namespace

std::string readDirectory(const Source &source, std::vector<Member> &members) {
  const std::string damaged = "the zip directory is damaged";
  Directory directory;
  if (!findDirectory(source, directory))
    return "expected an .npz file, found no zip directory: it is cut off or something else";
  std::vector<uint8_t> bytes;
  // The directory stands right before what ends it; that it says otherwise means that the archive begins later in the file.
  if (directory.size > directory.end || directory.offset > directory.end - directory.size ||
      !source.read(directory.end - directory.size, size_t(directory.size), bytes))
    return damaged;
  uint64_t prefix = directory.end - directory.size - directory.offset, at = 0;
  if (directory.entries > bytes.size() / kEntrySize)
    return damaged;
  for (uint64_t i = 0; i < directory.entries; ++i) {
    Member member;
    if (!readEntry({bytes}, at, member))
      return damaged;
    if (!source.has(member.offset, prefix))
      return damaged;
    member.offset += prefix;
    members.push_back(std::move(member));
  }
  return "";
}

MemberReader::~MemberReader() {
  if (inflating)
    inflateEnd(&stream);
}

std::string MemberReader::open() {
  constexpr uint16_t kEncrypted = 1, kStored = 0, kDeflated = 8;
  std::vector<uint8_t> header;
  Bytes bytes{header};
  if (!source.read(member.offset, kLocalSize, header) || bytes.u32(0) != kLocalHeader)
    return "its header is not where the archive's directory says";
  at = member.offset + kLocalSize + bytes.u16(26) + bytes.u16(28);
  if (!source.has(at, member.compressed))
    return "the file ends in it";
  end = at + member.compressed;
  if (member.flags & kEncrypted)
    return "expected it in plain, got it encrypted";
  if (member.method != kStored && member.method != kDeflated)
    return "expected it stored or deflated, got compression method " + std::to_string(member.method);
  if (member.method == kStored)
    return member.compressed == member.uncompressed ? "" : "its sizes in the archive's directory differ";
  // Deflate never shrinks more than 1032 times: a larger size is a damaged one.
  if (member.uncompressed / 1032 > member.compressed + 1)
    return "its size in the archive's directory is impossible";
  inflating = inflateInit2(&stream, -MAX_WBITS) == Z_OK;
  return inflating ? "" : "there is no memory to inflate it";
}

/// The next compressed bytes, if there are any.
void MemberReader::fill() {
  constexpr uint64_t kStep = 1 << 16;
  size_t count = size_t(std::min(kStep, end - at));
  if (!source.read(at, count, buffer))
    return;
  at += count;
  stream.next_in = buffer.data();
  stream.avail_in = uInt(count);
}

/// One call of inflate, with more input where that is needed. False where the data is damaged or at its end.
bool MemberReader::step() {
  if (stream.avail_in == 0)
    fill(); // at the end of the input, zlib may still hold output back
  int result = inflate(&stream, Z_NO_FLUSH);
  ended = result == Z_STREAM_END;
  return ended || result == Z_OK;
}

std::string MemberReader::inflateInto(uint8_t *to, size_t count) {
  constexpr size_t kStep = 1u << 30; // zlib counts in 32 bits
  while (count > 0) {
    size_t space = std::min(kStep, count);
    stream.next_out = to;
    stream.avail_out = uInt(space);
    if (ended || !step())
      return kDamagedData;
    to += space - stream.avail_out;
    count -= space - stream.avail_out;
  }
  return "";
}

std::string MemberReader::read(uint8_t *to, size_t count) {
  if (count > member.uncompressed - produced)
    return "it ends early";
  if (count == 0)
    return "";
  if (inflating) {
    if (std::string problem = inflateInto(to, count); !problem.empty())
      return problem;
  } else {
    if (!source.read(at, count, to))
      return "the file ends in it";
    at += count;
  }
  produced += count;
  crc = uint32_t(crc32_z(crc, to, count));
  return "";
}

std::string MemberReader::finish() {
  // The end of the compressed data may stand behind the last byte that it gives.
  while (inflating && !ended) {
    uint8_t none;
    stream.next_out = &none;
    stream.avail_out = 1;
    if (!step() || stream.avail_out == 0)
      return kDamagedData;
  }
  if (produced != member.uncompressed)
    return "it is longer than its header says";
  return crc == member.crc ? "" : "its checksum is wrong";
}

} // namespace mixc::npz
