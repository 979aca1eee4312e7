// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Rename.h"
#include "mixc/passes/CName.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"

using namespace llvm;

namespace mixc::test {

static bool isNameChar(char c) { return isAlnum(c) || c == '_'; }

/// The name that begins at `at`.
static StringRef nameAt(StringRef text, size_t at) { return text.substr(at).take_while(isNameChar); }

static std::string withoutComments(StringRef text) {
  std::string kept;
  for (StringRef line : split(text, '\n'))
    kept += line.substr(0, line.find("//")).rtrim().str() + "\n";
  return kept;
}

std::vector<std::string> namesOf(const std::string &text) {
  std::vector<std::string> names;
  std::string bare = withoutComments(text);
  for (size_t at = bare.find('%'); at != std::string::npos; at = bare.find('%', at + 1))
    if (std::string name = nameAt(bare, at + 1).str(); !is_contained(names, name))
      names.push_back(name);
  return names;
}

namespace {
class Renamer {
public:
  Renamer(const std::vector<std::string> &known, std::mt19937_64 &random) : known(known), random(random) {}

  /// Another name, the same for the same old one.
  std::string of(StringRef old) {
    std::string &name = byOld[old.str()];
    if (name.empty()) {
      name = fresh();
      renamed.names[name] = old.str();
    }
    return name;
  }

  void walk(StringRef text) {
    for (size_t at = 0; at < text.size();) {
      if (text[at] == '%' || text[at] == '@') {
        StringRef name = nameAt(text, at + 1);
        renamed.text += text[at] + of(name);
        at += 1 + name.size();
      } else if (text.substr(at).starts_with("{ (")) {
        StringRef body = text.substr(at).take_until([](char c) { return c == '}'; });
        walkMap(body);
        at += body.size();
      } else {
        renamed.text += text[at++];
      }
    }
  }

  Renamed renamed;

private:
  /// `{ (a, b) -> expression`: the parameters, and what `let` binds.
  void walkMap(StringRef body) {
    std::map<std::string, std::string> bound;
    auto bind = [&](StringRef name) {
      if (!name.empty())
        bound.try_emplace(name.str(), "m" + std::to_string(bound.size()) + drawn(3));
    };
    for (StringRef parameter : split(body.substr(3, body.find(')') - 3), ','))
      bind(parameter.trim());
    for (size_t at = body.find("let "); at != StringRef::npos; at = body.find("let ", at + 1))
      bind(nameAt(body, at + 4));
    for (size_t at = 0; at < body.size();) {
      StringRef name = nameAt(body, at);
      auto found = bound.find(name.str());
      renamed.text += name.empty() ? std::string(1, body[at]) : found == bound.end() ? name.str() : found->second;
      at += std::max<size_t>(1, name.size());
    }
  }

  std::string drawn(size_t length) {
    const StringRef letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
    std::string text;
    while (text.size() < length)
      text += letters[random() % letters.size()];
    return text;
  }

  std::string fresh() {
    for (;;) {
      std::string name = random() % 2 ? known[random() % known.size()] : drawn(1 + random() % 9);
      if (whyNotCName(name).empty() && !renamed.names.count(name))
        return name;
    }
  }

  const std::vector<std::string> &known;
  std::mt19937_64 &random;
  std::map<std::string, std::string> byOld;
};
} // namespace

Renamed rename(const std::string &text, const std::vector<std::string> &known, std::mt19937_64 &random) {
  Renamer renamer(known, random);
  renamer.walk(withoutComments(text));
  return renamer.renamed;
}

} // namespace mixc::test
