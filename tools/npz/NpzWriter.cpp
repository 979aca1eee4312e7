// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Zip.h"
#include "mixc/npz/Npz.h"
#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>

namespace mixc::npz {

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

struct CloseFile {
  void operator()(FILE *file) const { std::fclose(file); }
};
} // namespace

bool writeNpz(const std::string &path, const Archive &archive, std::string &error) {
  std::unique_ptr<FILE, CloseFile> file(std::fopen(path.c_str(), "wb"));
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
    member.crc = uint32_t(crc32_z(0, content.data(), content.size()));
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
