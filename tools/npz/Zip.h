// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Zip archives, as far as .npz files need them: the directory, and members that are stored or deflated, zip64 included.
// Only what is asked for is read. Errors are texts; an empty one means that all went well.
#pragma once

#include <cstdint>
#include <cstdio>
#include <string>
#include <vector>
#include <zlib.h>

namespace mixc::npz {

constexpr uint32_t kEndOfDirectory = 0x06054b50, kEndOfDirectory64 = 0x06064b50, kLocator64 = 0x07064b50;
constexpr uint32_t kDirectoryEntry = 0x02014b50, kLocalHeader = 0x04034b50;
constexpr size_t kEndSize = 22, kEndSize64 = 56, kLocatorSize = 20, kEntrySize = 46, kLocalSize = 30;

/// The bytes of an archive: in memory, or in a file that can seek.
class Source {
public:
  Source(const uint8_t *bytes, uint64_t size) : memory(bytes), length(size) {}
  Source(FILE *file, uint64_t size) : file(file), length(size) {}

  uint64_t size() const { return length; }
  bool has(uint64_t at, uint64_t count) const { return at <= length && count <= length - at; }
  /// False where the source ends before, or cannot be read.
  bool read(uint64_t at, size_t count, uint8_t *to) const;
  bool read(uint64_t at, size_t count, std::vector<uint8_t> &to) const;

private:
  const uint8_t *memory = nullptr;
  FILE *file = nullptr;
  uint64_t length;
};

struct Member {
  std::string name;
  uint16_t flags = 0, method = 0;
  uint32_t crc = 0;
  uint64_t compressed = 0, uncompressed = 0;
  uint64_t offset = 0; ///< of the local header, in the source
};

/// The members in the directory's order. Bytes before the archive (a program that unpacks itself) are passed over.
std::string readDirectory(const Source &source, std::vector<Member> &members);

/// The content of one member, from its beginning on, inflated as far as it is read.
class MemberReader {
public:
  MemberReader(const Source &source, const Member &member) : source(source), member(member) {}
  ~MemberReader();
  MemberReader(const MemberReader &) = delete;

  std::string open();
  /// Exactly `count` bytes more.
  std::string read(uint8_t *to, size_t count);
  /// Checks that everything was read, and the checksum.
  std::string finish();

private:
  void fill();
  bool step();
  std::string inflateInto(uint8_t *to, size_t count);

  const Source &source;
  const Member &member;
  uint64_t at = 0, end = 0; ///< compressed bytes that have not been read
  uint64_t produced = 0;
  uint32_t crc = 0;
  std::vector<uint8_t> buffer;
  z_stream stream{};
  bool inflating = false, ended = false;
};

} // namespace mixc::npz
