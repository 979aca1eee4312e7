// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Mutator.h"
#include <algorithm>
#include <cctype>
#include <set>

using namespace mixc::fuzz;

static bool isDigit(char c) { return isdigit(static_cast<unsigned char>(c)); }

static bool isWordByte(char c) { return isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '$'; }

namespace {
enum class TokenKind { Word, Number, Space, Other };
} // namespace

static TokenKind kindOf(const std::string &token) {
  char first = token[0];
  if (isDigit(first))
    return TokenKind::Number;
  if (isspace(static_cast<unsigned char>(first)))
    return TokenKind::Space;
  bool named = token.size() > 1 && (first == '%' || first == '@' || first == '#' || first == '!' || first == '^');
  return isWordByte(first) || named ? TokenKind::Word : TokenKind::Other;
}

std::vector<std::string> mixc::fuzz::tokenise(const std::string &text) {
  std::vector<std::string> tokens;
  for (size_t at = 0, end = 0; at < text.size(); at = end) {
    end = at + 1;
    char first = text[at];
    if (first == '"') {
      while (end < text.size() && text[end] != '"' && text[end] != '\n')
        ++end;
      end = std::min(end + 1, text.size());
    } else if (first == ' ') {
      while (end < text.size() && text[end] == ' ')
        ++end;
    } else if (isDigit(first)) {
      while (end < text.size() && isDigit(text[end]))
        ++end;
    } else if (first == 'x' && at > 0 && isDigit(text[at - 1]) && isDigit(tokens.back()[0])) {
      // 2x64xf32 is five tokens.
    } else if (isWordByte(first) || (std::string("%@#!^").find(first) != std::string::npos)) {
      // A dialect's prefix belongs to the word: tile.load is one token.
      while (end < text.size() && (isWordByte(text[end]) || text[end] == '.'))
        ++end;
    }
    tokens.push_back(text.substr(at, end - at));
  }
  return tokens;
}

const std::vector<std::string> &mixc::fuzz::strangeNumbers() {
  static const std::vector<std::string> numbers = {"0",
                                                   "1",
                                                   "2",
                                                   "3",
                                                   "7",
                                                   "15",
                                                   "16",
                                                   "17",
                                                   "32",
                                                   "48",
                                                   "64",
                                                   "100",
                                                   "128",
                                                   "255",
                                                   "256",
                                                   "257",
                                                   "65535",
                                                   "65536",
                                                   "1048576",
                                                   "2147483647",
                                                   "2147483648",
                                                   "4294967295",
                                                   "4294967296",
                                                   "281474976710656",
                                                   "2305843009213693952",
                                                   "4611686018427387904",
                                                   "9223372036854775807",
                                                   "9223372036854775808",
                                                   "18446744073709551615",
                                                   "99999999999999999999",
                                                   "-1",
                                                   "-16",
                                                   "-2147483648",
                                                   "-9223372036854775808",
                                                   "0.0",
                                                   "1e400",
                                                   "1e-400",
                                                   "-0.0",
                                                   "0x7F800000",
                                                   "0xFFFFFFFF",
                                                   "?"};
  return numbers;
}

void mixc::fuzz::mutateBytes(std::string &data, Random &random) {
  static const char strange[] = {'\0', '\r', '\n', '\t', '"', '(', '<', '{', '[', '\xff', '\x7f', '\x80'};
  if (data.empty()) {
    data += strange[random.below(sizeof(strange))];
    return;
  }
  size_t at = random.below(data.size()), length = std::min(data.size() - at, 1 + random.below(8));
  switch (random.below(6)) {
  case 0:
    data[at] = static_cast<char>(data[at] ^ (1 << random.below(8)));
    break;
  case 1:
    data[at] = strange[random.below(sizeof(strange))];
    break;
  case 2:
    data.insert(at, 1, strange[random.below(sizeof(strange))]);
    break;
  case 3:
    data.erase(at, length);
    break;
  case 4:
    data.insert(at, data.substr(at, length));
    break;
  case 5:
    data.resize(random.once(4) ? at : data.size());
    break;
  }
}

Mutator::Mutator(const std::vector<std::string> &corpus) {
  std::set<std::string> seenWords, seenNumbers, seenOthers, seenLines;
  for (const std::string &text : corpus) {
    for (const std::string &token : tokenise(text))
      switch (kindOf(token)) {
      case TokenKind::Word:
        seenWords.insert(token);
        break;
      case TokenKind::Number:
        seenNumbers.insert(token);
        break;
      case TokenKind::Other:
        seenOthers.insert(token);
        break;
      case TokenKind::Space:
        break;
      }
    for (size_t at = 0, end = 0; at < text.size(); at = end) {
      end = std::min(text.find('\n', at), text.size() - 1) + 1;
      seenLines.insert(text.substr(at, end - at));
    }
  }
  words.assign(seenWords.begin(), seenWords.end());
  numbers.assign(seenNumbers.begin(), seenNumbers.end());
  others.assign(seenOthers.begin(), seenOthers.end());
  lines.assign(seenLines.begin(), seenLines.end());
}

std::string Mutator::replacement(const std::string &token, const std::vector<std::string> &tokens, Random &random) const {
  TokenKind kind = kindOf(token);
  if (kind == TokenKind::Number && !random.once(3))
    return random.pick(strangeNumbers());
  // One of the same text is more likely to fit than one of the whole corpus: a value for a value, an op for an op.
  auto isLike = [&](const std::string &other) {
    bool sameSigil = isWordByte(token[0]) ? isWordByte(other[0]) : other[0] == token[0];
    return kindOf(other) == kind && (kind != TokenKind::Word || sameSigil) && other != token;
  };
  for (int tries = 0; tries < 40 && !random.once(12); ++tries)
    if (const std::string &other = random.pick(tokens); isLike(other))
      return other;
  const auto &all = kind == TokenKind::Word ? words : kind == TokenKind::Number ? numbers : others;
  return all.empty() ? token : random.pick(all);
}

void Mutator::mutateTokens(std::vector<std::string> &tokens, Random &random) const {
  auto place = [&] {
    size_t at = random.below(tokens.size());
    for (int tries = 0; tries < 10 && kindOf(tokens[at]) == TokenKind::Space; ++tries)
      at = random.below(tokens.size());
    return at;
  };
  size_t at = place();
  switch (random.below(12)) {
  case 0:
    tokens.erase(tokens.begin() + at);
    break;
  case 1:
    tokens.insert(tokens.begin() + at, tokens[at]);
    break;
  case 2:
    std::swap(tokens[at], tokens[place()]);
    break;
  case 3: {
    size_t end = std::min(tokens.size(), at + 1 + random.below(12));
    tokens.erase(tokens.begin() + at, tokens.begin() + end);
    break;
  }
  case 4:
    if (random.once(8)) { // deep nesting
      std::string many;
      for (size_t i = 0, n = size_t(10) << random.below(14); i < n && many.size() < 200000; ++i)
        many += tokens[at];
      tokens[at] = many;
    } else {
      tokens[at] = tokens[at] + " " + replacement(tokens[at], tokens, random);
    }
    break;
  case 5:
  case 6:
  case 7: { // everywhere, so that shapes and types still agree
    std::string old = tokens[at], fresh = replacement(old, tokens, random);
    std::replace(tokens.begin(), tokens.end(), old, fresh);
    break;
  }
  default:
    tokens[at] = replacement(tokens[at], tokens, random);
  }
}

void Mutator::mutateLines(std::string &text, Random &random) const {
  std::vector<std::string> parts;
  for (size_t at = 0, end = 0; at < text.size(); at = end) {
    end = std::min(text.find('\n', at), text.size() - 1) + 1;
    parts.push_back(text.substr(at, end - at));
  }
  size_t at = random.below(parts.size());
  switch (random.below(4)) {
  case 0:
    parts.erase(parts.begin() + at);
    break;
  case 1:
    parts.insert(parts.begin() + random.below(parts.size()), parts[at]);
    break;
  case 2:
    std::swap(parts[at], parts[random.below(parts.size())]);
    break;
  case 3:
    if (!lines.empty())
      parts.insert(parts.begin() + at, random.pick(lines));
    break;
  }
  text.clear();
  for (const std::string &part : parts)
    text += part;
}

std::string Mutator::replaceNumber(const std::string &text, Random &random) const {
  std::vector<std::string> tokens = tokenise(text), numbers;
  for (const std::string &token : tokens)
    if (kindOf(token) == TokenKind::Number)
      numbers.push_back(token);
  if (numbers.empty())
    return text;
  std::string old = random.pick(numbers), fresh = random.pick(random.once(2) ? numbers : strangeNumbers());
  std::string result;
  for (const std::string &token : tokens)
    result += token == old ? fresh : token;
  return result;
}

std::string Mutator::mutate(const std::string &text, Random &random) const {
  std::string result = text;
  do {
    size_t what = random.below(12);
    if (result.empty() || what == 0) {
      mutateBytes(result, random);
    } else if (what == 1) {
      mutateLines(result, random);
    } else {
      std::vector<std::string> tokens = tokenise(result);
      mutateTokens(tokens, random);
      result.clear();
      for (const std::string &token : tokens)
        result += token;
    }
  } while (random.once(2) && result.size() < 300000);
  return result;
}
