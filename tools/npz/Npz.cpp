// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The .npz format: a zip archive of .npy files.

#include "Npy.h"
#include "Zip.h"
#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>
#include <new>
#include <sys/stat.h>

namespace mixc::npz {

namespace {
bool endsWith(const std::string &text, const char *ending) {
  size_t length = std::strlen(ending);
  return text.size() >= length && text.compare(text.size() - length, length, ending) == 0;
}

/// The array's name: the member's without its ending.
std::string arrayName(const std::string &member) { return endsWith(member, ".npy") ? member.substr(0, member.size() - 4) : member; }

/// Reads one member. `isArray` is false where it is no .npy file; nothing but its beginning is inflated then.
std::string readArray(const Source &source, const Member &member, Array &array, bool &isArray) {
  MemberReader reader(source, member);
  std::vector<uint8_t> head(size_t(std::min<uint64_t>(kNpyStart, member.uncompressed)));
  std::string problem = reader.open();
  if (problem.empty())
    problem = reader.read(head.data(), head.size());
  if (!problem.empty())
    return problem;
  isArray = isNpy(head.data(), head.size());
  if (!isArray)
    return "expected an .npy file";
  size_t begin = 0;
  NpyHeader header;
  if (problem = npyHeaderSize(head.data(), member.uncompressed, begin); !problem.empty())
    return problem;
  size_t known = head.size();
  head.resize(std::max(begin, known));
  if (problem = reader.read(head.data() + known, head.size() - known); !problem.empty())
    return problem;
  if (problem = parseNpyHeader(head.data(), begin, member.uncompressed, header); !problem.empty())
    return problem;
  array.data.resize(header.elements);
  std::copy(head.begin() + begin, head.end(), array.data.begin());
  size_t early = head.size() - begin;
  if (problem = reader.read(array.data.data() + early, header.elements - early); !problem.empty())
    return problem;
  if (problem = reader.finish(); !problem.empty())
    return problem;
  if (header.fortranOrder)
    array.data = transposed(array.data, header);
  array.dtype = header.dtype;
  array.shape = std::move(header.shape);
  return "";
}

bool readArchive(const std::string &what, const Source &source, Archive &archive, std::string &error, Selection *selection) {
  auto fail = [&](const std::string &message) {
    error = what + ": " + message;
    return false;
  };
  archive.clear();
  std::vector<Member> members;
  if (std::string problem = readDirectory(source, members); !problem.empty())
    return fail(problem);
  for (const Member &member : members) {
    std::string name = arrayName(member.name);
    if (selection && !selection->wants(name)) {
      (endsWith(member.name, ".npy") ? selection->others : selection->noArrays).push_back(name);
      continue;
    }
    Array array;
    bool isArray = true;
    std::string problem;
    try {
      problem = readArray(source, member, array, isArray);
    } catch (const std::bad_alloc &) {
      problem = "there is no memory for its " + std::to_string(member.uncompressed) + " bytes";
    }
    if (problem.empty())
      archive[name] = std::move(array);
    else if (isArray || selection)
      return fail("array " + name + ": " + problem);
  }
  return true;
}

struct CloseFile {
  void operator()(FILE *file) const { std::fclose(file); }
};
using File = std::unique_ptr<FILE, CloseFile>;

bool isRegular(FILE *file, uint64_t &size) {
  struct stat status;
  if (fstat(fileno(file), &status) != 0 || !S_ISREG(status.st_mode))
    return false;
  size = uint64_t(status.st_size);
  return true;
}

bool readAll(FILE *file, std::vector<uint8_t> &bytes) {
  uint8_t buffer[1 << 16];
  while (size_t count = std::fread(buffer, 1, sizeof buffer, file))
    bytes.insert(bytes.end(), buffer, buffer + count);
  return !std::ferror(file);
}
} // namespace

bool parseNpz(const std::string &what, const uint8_t *bytes, size_t size, Archive &archive, std::string &error, Selection *selection) {
  return readArchive(what, Source(bytes, size), archive, error, selection);
}

bool readFile(const std::string &path, Archive &archive, std::string &error, Selection *selection) {
  auto fail = [&](const char *message) {
    error = path + ": " + message + ": " + std::strerror(errno);
    return false;
  };
  File file(std::fopen(path.c_str(), "rb"));
  if (!file)
    return fail("cannot open");
  bool isArray = endsWith(path, ".npy");
  uint64_t size = 0;
  if (!isArray && isRegular(file.get(), size))
    return readArchive(path, Source(file.get(), size), archive, error, selection);
  std::vector<uint8_t> bytes;
  if (!readAll(file.get(), bytes))
    return fail("cannot read");
  if (!isArray)
    return parseNpz(path, bytes.data(), bytes.size(), archive, error, selection);
  archive.clear();
  std::string name = arrayName(path.substr(path.find_last_of('/') + 1));
  if (selection && !selection->wants(name)) {
    selection->others.push_back(name);
    return true;
  }
  return parseNpy(path, bytes.data(), bytes.size(), archive[name], error);
}

} // namespace mixc::npz
