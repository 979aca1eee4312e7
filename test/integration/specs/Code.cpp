// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Code.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Object/ELFObjectFile.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/xxhash.h"

using namespace llvm;

namespace mixc::test {

static bool isNameChar(char c) { return isAlnum(c) || c == '_' || c == '$'; }

/// Registers, which begin with %, are no names.
static std::string mapNames(StringRef text, MapName map) {
  std::string mapped;
  while (!text.empty()) {
    StringRef name = text.take_while(isNameChar);
    mapped += name.empty() ? text.take_front().str() : StringRef(mapped).ends_with("%") ? name.str() : map(name);
    text = text.drop_front(std::max<size_t>(1, name.size()));
  }
  return mapped;
}

static bool holdsStrings(object::ELFSectionRef section) { return section.getFlags() & ELF::SHF_STRINGS; }

/// What a relocation refers to: a string, or a symbol and an addend.
static std::string targetOf(const object::ELFRelocationRef &relocation, MapName mapSymbol, MapName mapString) {
  object::ELFSymbolRef symbol(*relocation.getSymbol());
  int64_t addend = cantFail(relocation.getAddend());
  auto section = cantFail(symbol.getSection());
  if (section != symbol.getObject()->section_end() && holdsStrings(*section)) {
    StringRef strings = cantFail(section->getContents());
    StringRef from = strings.substr(cantFail(symbol.getAddress()) + addend);
    return "'" + mapNames(from.take_until([](char c) { return c == 0; }), mapString) + "'";
  }
  std::string name = mapNames(cantFail(symbol.getName()), mapSymbol);
  if (symbol.getELFType() == ELF::STT_SECTION)
    name = mapNames(cantFail(section->getName()), mapSymbol);
  return name + " + " + std::to_string(addend);
}

std::vector<std::string> describeObject(StringRef bytes, MapName mapSymbol, MapName mapString) {
  std::vector<std::string> lines;
  std::unique_ptr<object::ObjectFile> object = cantFail(object::ObjectFile::createELFObjectFile(MemoryBufferRef(bytes, "object")));
  for (object::ELFSectionRef section : object->sections()) {
    std::string name = mapNames(cantFail(section.getName()), mapSymbol);
    if ((section.getFlags() & ELF::SHF_ALLOC) && !holdsStrings(section)) {
      StringRef contents = cantFail(section.getContents());
      lines.push_back(formatv("{0}: {1} bytes, hash {2:x}", name, contents.size(), xxh3_64bits(contents)));
    }
    for (object::ELFRelocationRef relocation : section.relocations())
      lines.push_back(formatv("{0}: at {1}, type {2}: {3}", name, relocation.getOffset(), relocation.getType(),
                              targetOf(relocation, mapSymbol, mapString)));
  }
  return lines;
}

std::vector<std::string> describeText(StringRef text, MapName mapSymbol) {
  std::vector<std::string> lines;
  for (StringRef line : split(text, '\n'))
    lines.push_back(mapNames(line, mapSymbol));
  return lines;
}

} // namespace mixc::test
