// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What a text of IR or JSON may hold. The parsers of both recur over brackets, without a bound of their own; the time that a number takes
// grows with the square of its digits.
#pragma once

#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringRef.h"
#include <optional>

namespace mixc {

inline constexpr size_t kMostNesting = 256, kMostDigits = 1000;

/// Where a text goes beyond a limit, and the message that says so.
struct BeyondLimit {
  const char *at;
  std::string message;
};

/// The first place where brackets nest deeper than kMostNesting or a number has more than kMostDigits. Strings and // comments do not
/// count. A < that nothing closes is a comparison: it goes with the bracket around it.
inline std::optional<BeyondLimit> findBeyondLimit(llvm::StringRef text) {
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
        return BeyondLimit{at, "expected brackets that nest at most " + std::to_string(kMostNesting) + " deep, got one more"};
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
    default:
      if (llvm::isDigit(*at)) { // hexadecimal ones too
        size_t digits = llvm::StringRef(at, text.end() - at).take_while(llvm::isAlnum).size();
        if (digits > kMostDigits)
          return BeyondLimit{at, "expected numbers of at most " + std::to_string(kMostDigits) + " digits, got " + std::to_string(digits)};
        at += digits - 1;
      }
    }
    if (at == text.end())
      break;
  }
  return std::nullopt;
}

} // namespace mixc
