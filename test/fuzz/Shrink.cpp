// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Shrink.h"
#include "Mutator.h"
#include <algorithm>
#include <chrono>

using namespace mixc::fuzz;

static constexpr std::chrono::seconds kPatience(20);

static std::vector<std::string> linesOf(const std::string &text) {
  std::vector<std::string> lines;
  for (size_t at = 0, end = 0; at < text.size(); at = end) {
    end = std::min(text.find('\n', at), text.size() - 1) + 1;
    lines.push_back(text.substr(at, end - at));
  }
  return lines;
}

static std::string joined(const std::vector<std::string> &parts) {
  std::string text;
  for (const std::string &part : parts)
    text += part;
  return text;
}

std::string mixc::fuzz::shrink(std::string input, const std::function<bool(const std::string &)> &fails) {
  auto deadline = std::chrono::steady_clock::now() + kPatience;
  auto late = [&] { return std::chrono::steady_clock::now() > deadline; };
  for (auto split : {linesOf, tokenise}) {
    std::vector<std::string> parts = split(input);
    for (size_t length = std::max<size_t>(1, parts.size() / 2); !late(); length = length / 2) {
      for (size_t at = 0; at < parts.size() && !late();) {
        std::vector<std::string> fewer = parts;
        fewer.erase(fewer.begin() + at, fewer.begin() + std::min(parts.size(), at + length));
        if (fails(joined(fewer)))
          parts = std::move(fewer);
        else
          at += length;
      }
      if (length == 1)
        break;
    }
    input = joined(parts);
  }
  return input;
}
