// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "mixc/passes/CName.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/Support/Regex.h"

using namespace llvm;
using namespace mixc;

bool mixc::isCKeyword(StringRef name) {
  static const StringSet<> words = {
      "alignas", "alignof", "and", "and_eq", "asm", "auto", "bitand", "bitor", "bool", "break", "case", "catch", "char", "char8_t",
      "char16_t", "char32_t", "class", "compl", "concept", "const", "consteval", "constexpr", "constinit", "const_cast", "continue",
      "co_await", "co_return", "co_yield", "decltype", "default", "delete", "do", "double", "dynamic_cast", "else", "enum", "explicit",
      "export", "extern", "false", "float", "for", "friend", "goto", "if", "inline", "int", "long", "mutable", "namespace", "new",
      "noexcept", "not", "not_eq", "nullptr", "operator", "or", "or_eq", "private", "protected", "public", "register", "reinterpret_cast",
      "requires", "restrict", "return", "short", "signed", "sizeof", "static", "static_assert", "static_cast", "struct", "switch",
      "template", "this", "thread_local", "throw", "true", "try", "typedef", "typeid", "typename", "typeof", "typeof_unqual", "union",
      "unsigned", "using", "virtual", "void", "volatile", "wchar_t", "while", "xor", "xor_eq",
      // C's with an underscore, and GNU's modes' macros.
      "_Alignas", "_Alignof", "_Atomic", "_BitInt", "_Bool", "_Complex", "_Decimal128", "_Decimal32", "_Decimal64", "_Generic",
      "_Imaginary", "_Noreturn", "_Static_assert", "_Thread_local", "linux", "unix"};
  return words.contains(name);
}

bool mixc::isTakenMemberName(StringRef name) {
  static const StringSet<> declared = {"NULL", "offsetof", "size_t", "ptrdiff_t", "max_align_t", "wchar_t", "CUstream", "CUstream_st"};
  // INT64_MAX, UINT8_C, PTRDIFF_MIN, SIZE_WIDTH, ...; int64_t, uint_fast8_t, ...
  static const Regex limits("^(U?INT[A-Z0-9_]*|SIZE|RSIZE|PTRDIFF|WCHAR|WINT|SIG_ATOMIC)_(MIN|MAX|C|WIDTH)$"), types("^u?int[a-z0-9_]*_t$");
  bool reserved = name.starts_with("__") || (name.size() > 1 && name[0] == '_' && isUpper(name[1]));
  bool runtimes = name.starts_with("mixc_") || name.starts_with("MIXC_");
  return isCKeyword(name) || reserved || runtimes || declared.contains(name) || limits.match(name) || types.match(name);
}

static bool isIdentifier(StringRef name) {
  return !name.empty() && !isDigit(name.front()) && all_of(name, [](char c) { return isAlnum(c) || c == '_'; });
}

std::string mixc::whyNotCName(StringRef name) {
  const std::string got = ", got '" + name.str() + "'";
  if (!isIdentifier(name))
    return "a C identifier" + got;
  if (isCKeyword(name))
    return "a name that is no keyword of C or C++" + got;
  if (name.starts_with("_") || name.contains("__"))
    return "a name that C and C++ do not reserve (no underscore first, no two in a row)" + got;
  std::string lower = name.lower();
  if (lower == "mixc" || StringRef(lower).starts_with("mixc_"))
    return "a name other than the runtime's own (mixc, mixc_...)" + got;
  return "";
}
