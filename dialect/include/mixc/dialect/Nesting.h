// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// How deep a text of IR or JSON nests. The parsers of both recur over brackets, without a bound of their own.
#pragma once

#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringRef.h"

namespace mixc {

inline constexpr size_t kMostNesting = 256;

/// Where brackets first nest deeper than kMostNesting; null if they never do. Strings and // comments do not count. A < that nothing
/// closes is a comparison: it goes with the bracket around it.
inline const char *findDeepNesting(llvm::StringRef text) {
  llvm::SmallVector<char> open;
  for (const char *at = text.begin(); at != text.end(); ++at) {
    switch (*at) {
    case '"':
      for (++at; at != text.end() && *at != '"' && *at != '\n'; ++at)
        at += *at == '\\' && at + 1 != text.end();
      break;
    case '/':
      if (at + 1 != text.end() && at[1] == '/')
        while (at + 1 != text.end() && at[1] != '\n')
          ++at;
      break;
    case '(':
    case '[':
    case '{':
    case '<':
      open.push_back(*at);
      if (open.size() > kMostNesting)
        return at;
      break;
    case '>':
      if (!open.empty() && open.back() == '<' && at[-1] != '-')
        open.pop_back();
      break;
    case ')':
    case ']':
    case '}':
      while (!open.empty() && open.back() == '<')
        open.pop_back();
      if (!open.empty())
        open.pop_back();
      break;
    }
    if (at == text.end())
      break;
  }
  return nullptr;
}

} // namespace mixc
