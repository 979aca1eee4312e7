// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "mixc/passes/SpecComments.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/JSON.h"

using namespace llvm;
using namespace mixc;

/// The text of a comment line, without the slashes and one space.
static StringRef commentText(StringRef line) {
  line.consume_front("//");
  line.consume_front(" ");
  return line.rtrim();
}

/// Valid UTF-8 without control characters, so that it can stand in any text.
static std::string printable(StringRef text) {
  std::string result = json::fixUTF8(text);
  erase_if(result, [](char c) { return (static_cast<unsigned char>(c) < ' ' && c != '\n') || c == 127; });
  return result;
}

/// The comment lines that end at `offset`, the last first.
static SmallVector<StringRef> linesAbove(StringRef source, size_t offset) {
  SmallVector<StringRef> lines;
  StringRef before = source.take_front(offset).rtrim(" \t");
  while (before.consume_back("\n")) {
    before.consume_back("\r");
    size_t begin = before.rfind('\n') + 1; // npos + 1 is 0
    StringRef line = before.substr(begin).trim();
    if (!line.starts_with("//"))
      break;
    lines.push_back(commentText(line));
    before = before.take_front(begin);
  }
  return lines;
}

static std::string leadingComment(StringRef source, size_t offset) {
  std::string text, paragraph;
  auto endParagraph = [&] {
    if (!StringRef(paragraph).contains("SPDX-License-Identifier") && !paragraph.empty())
      text += (text.empty() ? "" : "\n") + paragraph;
    paragraph.clear();
  };
  SmallVector<StringRef> lines = linesAbove(source, offset);
  for (StringRef line : reverse(lines)) {
    if (line.empty())
      endParagraph();
    else
      paragraph += line.str() + "\n";
  }
  endParagraph();
  return StringRef(text).rtrim().str();
}

namespace {
/// Walks over a spec's signature, from `mixer.spec` to the second closing parenthesis and the end of that line.
class SignatureScanner {
public:
  explicit SignatureScanner(StringRef text) : text(text) {}

  std::map<std::string, std::string> scan() {
    while (!text.empty() && (closed < 2 || text.front() != '\n'))
      step();
    return std::move(comments);
  }

private:
  void step() {
    if (text.starts_with("//"))
      return comment();
    char c = text.front();
    text = text.drop_front();
    if (c == '\n') {
      last.clear();
    } else if (c == ')') {
      ++closed;
    } else if (c == '%') {
      last = text.take_while([](char c) { return isAlnum(c) || c == '_'; }).str();
      text = text.drop_front(last.size());
      add(comments[last], pending);
      pending.clear();
    }
  }
  /// Behind an argument it is that one's, on a line of its own the next one's.
  void comment() {
    StringRef line = text.take_until([](char c) { return c == '\n'; });
    text = text.drop_front(line.size());
    add(last.empty() ? pending : comments[last], commentText(line));
  }
  static void add(std::string &to, StringRef words) {
    words = words.trim();
    to += (to.empty() || words.empty() ? "" : " ") + words.str();
  }

  StringRef text;
  std::string last;    ///< the argument named last on this line
  std::string pending; ///< comment lines that wait for an argument
  unsigned closed = 0;
  std::map<std::string, std::string> comments;
};
} // namespace

SpecComments mixc::readSpecComments(StringRef source, size_t offset) {
  SpecComments comments{printable(leadingComment(source, offset)), SignatureScanner(source.substr(offset)).scan()};
  for (auto &[name, text] : comments.tensors)
    text = printable(text);
  return comments;
}

std::string mixc::summaryOf(StringRef comment) {
  SmallVector<StringRef> lines;
  comment.take_front(comment.find("\n\n")).split(lines, '\n');
  std::string summary;
  for (StringRef line : lines) {
    if (!summary.empty() && line.starts_with(" ")) // a formula, set off
      break;
    SmallVector<StringRef> words;
    SplitString(line, words);
    for (StringRef word : words) {
      summary += (summary.empty() ? "" : " ") + word.str();
      if (word.ends_with("."))
        return summary.substr(0, summary.size() - 1);
    }
  }
  return summary;
}
