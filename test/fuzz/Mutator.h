// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Changes to text, by token, by line and by byte.
#pragma once

#include "Random.h"
#include <string>
#include <vector>

namespace mixc::fuzz {

/// Words, numbers, strings, white space and single characters, in order: together they are the text.
std::vector<std::string> tokenise(const std::string &text);

/// Sizes and counts around the limits of types and tiles.
const std::vector<std::string> &strangeNumbers();

/// Some bytes of `data` are changed, removed, repeated or inserted.
void mutateBytes(std::string &data, Random &random);

class Mutator {
public:
  /// What new tokens and lines are taken from.
  explicit Mutator(const std::vector<std::string> &corpus);
  /// A few changes, most often one or two.
  std::string mutate(const std::string &text, Random &random) const;

  /// A number is another one wherever it stands, so that shapes still agree.
  std::string replaceNumber(const std::string &text, Random &random) const;

private:
  void mutateTokens(std::vector<std::string> &tokens, Random &random) const;
  void mutateLines(std::string &text, Random &random) const;
  std::string replacement(const std::string &token, const std::vector<std::string> &tokens, Random &random) const;

  std::vector<std::string> words, numbers, others, lines;
};

} // namespace mixc::fuzz
