// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Completion.h"
#include "Vocabulary.h"
#include "mixc/dialect/Mixer.h"
#include "mlir/IR/OperationSupport.h"
#include "llvm/ADT/StringExtras.h"
#include <set>

using namespace llvm;
using namespace mixc::editor;
using llvm::lsp::CompletionItem;
using llvm::lsp::CompletionItemKind;

static bool isWordByte(char c) { return isAlnum(c) || c == '_' || c == '.' || c == '$'; }

namespace {
/// An open bracket before the cursor, and the last word before it.
struct Bracket {
  char kind;
  StringRef owner;
};

/// What precedes the cursor, read from the start of its spec or program.
struct Before {
  SmallVector<Bracket> brackets;
  SmallVector<StringRef> tokens; ///< words and single characters, without comments
  StringRef prefix;              ///< the word that is being written

  StringRef last(size_t i = 0) const { return i < tokens.size() ? tokens[tokens.size() - 1 - i] : StringRef(); }
  char innermost() const { return brackets.empty() ? 0 : brackets.back().kind; }
  bool inside(char kind, StringRef owner) const {
    return any_of(brackets, [&](const Bracket &bracket) { return bracket.kind == kind && bracket.owner == owner; });
  }
  /// The last op that was written.
  StringRef op() const {
    for (StringRef token : reverse(tokens))
      if (isAlpha(token[0]) && token.contains('.'))
        return token;
    return "";
  }
};
} // namespace

static bool isOpening(char c) { return c == '(' || c == '[' || c == '{' || c == '<'; }
static bool isClosing(char c) { return c == ')' || c == ']' || c == '}' || c == '>'; }

static void readToken(Before &before, StringRef token) {
  char c = token[0];
  if (c == '>' && before.last() == "-") // an arrow
    c = 0;
  if (c == '<' && !before.last().starts_with("#") && !before.last().starts_with("!"))
    c = 0; // a comparison
  if (isOpening(c)) {
    // The body of a map belongs to the map, whose operands lie between.
    StringRef owner = before.last();
    if (c == '{' && owner == ")" && before.op() == "mixer.map")
      owner = "mixer.map";
    before.brackets.push_back({c, owner});
  } else if (isClosing(c) && !before.brackets.empty() && (c != '>' || before.innermost() == '<')) {
    before.brackets.pop_back();
  }
  before.tokens.push_back(token);
}

static Before readBefore(StringRef text) {
  Before before;
  // Nothing before the spec or program matters.
  for (StringRef start : {"\nmixer.spec", "\ntile.program", "\ngpu_tile.program"})
    if (size_t at = text.rfind(start); at != StringRef::npos)
      text = text.substr(at);
  while (!text.empty()) {
    if (text.starts_with("//")) {
      text = text.substr(text.find_first_of("\r\n"));
      continue;
    }
    size_t length = 1;
    bool marked = text.size() > 1 && strchr("%@#!", text[0]);
    if (isWordByte(text[0]) || marked)
      length = 1 + text.drop_front().take_while(isWordByte).size();
    StringRef token = text.take_front(length);
    text = text.drop_front(length);
    if (text.empty() && (isWordByte(token[0]) || strchr("%@#!", token[0])))
      before.prefix = token;
    else if (!isSpace(token[0]))
      readToken(before, token);
  }
  return before;
}

namespace {
/// Collects items that replace the prefix.
class Items {
public:
  Items(const Document &document, size_t offset, StringRef prefix)
      : range(document.rangeOf({offset - prefix.size(), offset})), prefix(prefix) {}

  void add(StringRef label, CompletionItemKind kind, StringRef detail, StringRef documentation, StringRef suffix = "") {
    if (!label.starts_with(prefix))
      return;
    CompletionItem item(label, kind);
    item.detail = detail.str();
    if (!documentation.empty())
      item.documentation = llvm::lsp::MarkupContent{llvm::lsp::MarkupKind::Markdown, documentation.str()};
    item.textEdit = llvm::lsp::TextEdit{range, (label + suffix).str()};
    items.push_back(std::move(item));
  }
  void add(ArrayRef<Word> words, CompletionItemKind kind, StringRef suffix = "") {
    for (const Word &word : words)
      add(word.name, kind, "", word.meaning, suffix);
  }

  std::vector<CompletionItem> items;

private:
  llvm::lsp::Range range;
  StringRef prefix;
};
} // namespace

/// Names that begin with % before the cursor, those of its spec or program.
static void addValues(Items &items, const Document &document, const Before &before) {
  std::set<StringRef> names;
  for (StringRef token : before.tokens)
    if (token.starts_with("%") && token.size() > 1)
      names.insert(token);
  for (StringRef name : names) {
    auto type = document.valueTypes().find(name);
    items.add(name, CompletionItemKind::Variable, type == document.valueTypes().end() ? "" : StringRef(type->second), "");
  }
}

/// The parameters of the map that the cursor is in: the names in the parentheses before its arrow.
static void addParameters(Items &items, const Before &before) {
  size_t i = 0;
  while (i < before.tokens.size() && before.last(i) != "{")
    ++i;
  for (bool open = false; i-- > 0;) {
    StringRef token = before.last(i);
    if (token == "(")
      open = true;
    else if (token == ")")
      break;
    else if (open && isAlpha(token[0]))
      items.add(token, CompletionItemKind::Variable, "parameter", "");
  }
}

static void addOperations(Items &items, const mlir::DialectRegistry &registry, const Before &before) {
  mlir::MLIRContext context(registry, mlir::MLIRContext::Threading::DISABLED);
  // Inside of a spec only its own ops can stand; elsewhere those whose dialect is named, and this project's.
  StringRef dialect = before.prefix.contains('.') ? before.prefix.split('.').first : StringRef();
  bool inSpec = !before.brackets.empty() && any_of(before.tokens, [](StringRef token) { return token == "mixer.spec"; });
  for (StringRef name : {"mixer", "tile", "gpu_tile"})
    context.getOrLoadDialect(name);
  if (!dialect.empty())
    context.getOrLoadDialect(dialect);
  for (mlir::RegisteredOperationName op : context.getRegisteredOperations()) {
    bool isOwn = !operationReference(op.getStringRef()).empty();
    if (inSpec ? op.getDialectNamespace() == "mixer" && op.getStringRef() != "mixer.spec" : isOwn || op.getDialectNamespace() == dialect)
      items.add(op.getStringRef(), CompletionItemKind::Function, operationSummary(op.getStringRef()),
                operationReference(op.getStringRef()));
  }
}

/// Attribute names of the op whose dictionary the cursor is in.
static void addAttributes(Items &items, const mlir::DialectRegistry &registry, StringRef op) {
  mlir::MLIRContext context(registry, mlir::MLIRContext::Threading::DISABLED);
  context.getOrLoadDialect(op.split('.').first);
  if (auto info = mlir::RegisteredOperationName::lookup(op, &context))
    for (mlir::StringAttr name : info->getAttributeNames())
      items.add(name.getValue(), CompletionItemKind::Property, "attribute of " + op.str(), "", " = ");
}

/// Entries of a mixer.semiseparable, or what one of them takes. False if the cursor is not at one.
static bool addEntries(Items &items, const Document &document, const Before &before) {
  StringRef last = before.last();
  if (before.op() != "mixer.semiseparable" || before.innermost() != '{')
    return false;
  if (last == "=" && before.last(1) == "read")
    items.add(reads(), CompletionItemKind::EnumMember);
  else if (last == "=" && before.last(1) == "direction")
    items.add(directions(), CompletionItemKind::EnumMember);
  else if (last == "=" && findWord(entries(), before.last(1)))
    addValues(items, document, before);
  else if (last == "," || last == before.op())
    items.add(entries(), CompletionItemKind::Property, " = ");
  else
    return false;
  return true;
}

std::vector<CompletionItem> mixc::editor::completionsAt(const Document &document, const mlir::DialectRegistry &registry, size_t offset) {
  std::string text = "\n" + document.text().take_front(offset).str();
  Before before = readBefore(text);
  Items items(document, offset, before.prefix);
  bool inSignature = before.innermost() == '(' && before.op() == "mixer.spec";
  if (before.prefix.starts_with("%"))
    addValues(items, document, before);
  else if (before.prefix.starts_with("#") || before.last() == "#")
    items.add(dialectAttributes(), CompletionItemKind::Struct);
  else if (before.innermost() == '<' && before.brackets.back().owner == "#mixer.algorithm")
    items.add(planParameters(), CompletionItemKind::Property);
  else if (before.innermost() == '[' && !before.inside('{', "mixer.map") && !before.inside('{', "attributes"))
    items.add(dimensions(), CompletionItemKind::Value);
  else if (before.inside('{', "mixer.map")) {
    addParameters(items, before);
    items.add(functions(), CompletionItemKind::Function);
    for (const Word &size : dimensions().drop_front(2))
      items.add(size.name, CompletionItemKind::Value, "size", size.meaning);
  } else if (before.innermost() == '{' && before.brackets.back().owner == "attributes" && before.op() == "mixer.spec")
    items.add(specAttributes(), CompletionItemKind::Property, " = ");
  else if (inSignature && (before.last() == "]" || findWord(marks(), before.last())))
    items.add(marks(), CompletionItemKind::Keyword);
  else if (before.innermost() == '(' || before.innermost() == '[')
    addValues(items, document, before);
  else if (before.innermost() == '{' && (before.brackets.back().owner == "attributes" || before.brackets.back().owner == "<"))
    addAttributes(items, registry, before.op());
  else if (!addEntries(items, document, before))
    addOperations(items, registry, before);
  return std::move(items.items);
}
