// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Hover.h"
#include "Vocabulary.h"
#include "mixc/dialect/Mixer.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/LSP/Transport.h"

using namespace llvm;
using namespace mixc;
using namespace mixc::editor;

static bool isWordByte(char c) { return isAlnum(c) || c == '_' || c == '.' || c == '$'; }

/// The word around an offset, with the mark before it: %x, @name, #mixer.algorithm, mixer.map.
static Span wordAt(StringRef text, size_t offset) {
  Span span{offset, offset};
  while (span.begin > 0 && isWordByte(text[span.begin - 1]))
    --span.begin;
  while (span.end < text.size() && isWordByte(text[span.end]))
    ++span.end;
  if (span.begin > 0 && strchr("%@#!", text[span.begin - 1]))
    --span.begin;
  // The cursor may stand before the mark.
  if (span.begin == span.end && span.end < text.size() && strchr("%@#!", text[span.end]))
    return wordAt(text, offset + 1);
  return span;
}

/// What a value is to its spec: "argument of @mamba2, optional".
static std::string roleOf(mlir::Value value) {
  std::string role;
  raw_string_ostream os(role);
  if (auto result = dyn_cast<mlir::OpResult>(value)) {
    if (auto op = result.getDefiningOp<mixer::SemiseparableOp>())
      os << (value == op.getState() ? "the state after the last token, of `mixer.semiseparable`" : "y, of `mixer.semiseparable`");
    else
      os << "result of `" << result.getOwner()->getName() << "`";
    return role;
  }
  auto argument = cast<mlir::BlockArgument>(value);
  mlir::Operation *owner = argument.getOwner()->getParentOp();
  auto spec = dyn_cast_if_present<mixer::SpecOp>(owner);
  os << (spec ? "argument" : "block argument");
  if (spec)
    os << " of @" << spec.getSymName();
  else if (owner)
    os << " of `" << owner->getName() << "`";
  if (!spec)
    return role;
  mixer::TensorType type = spec.getArgType(argument.getArgNumber());
  if (spec.getStates() && spec.isInitialStateOfRecurrence(argument.getArgNumber()))
    os << "; " << *spec.getStates();
  else
    os << (type.getIo() ? "; elements of the type that --dtype chooses" : "; f32");
  if (spec.isArgOptional(argument.getArgNumber()))
    os << "; optional: a null pointer stands for zeros";
  return role;
}

static std::string describe(const Definition &definition, StringRef name) {
  if (definition.value)
    return ("```mlir\n" + name + ": " + typeText(definition.value.getType()) + "\n```\n" + roleOf(definition.value)).str();
  std::string text = "```mlir\n" + debugString(definition.op->getName()) + " " + name.str() + "\n```\n";
  return text + operationReference(definition.op->getName().getStringRef()).str();
}

/// What a bare word means by where it stands: before `(` a function, before `=` an entry, in brackets a dimension.
static std::string describeWord(StringRef text, Span span) {
  StringRef word = text.slice(span.begin, span.end), after = text.substr(span.end).ltrim(' '),
            before = text.take_front(span.begin).rtrim(' ');
  if (StringRef reference = operationReference(word); !reference.empty())
    return ("`" + word + "`\n\n" + reference).str();
  auto among = [&](ArrayRef<Word> words) { return findWord(words, word); };
  const Word *found = nullptr;
  if (after.starts_with("("))
    found = among(functions());
  else if (after.starts_with("=") && !after.starts_with("=="))
    found = among(entries()) ? among(entries()) : among(specAttributes()) ? among(specAttributes()) : among(planParameters());
  else if (before.ends_with("[") || before.ends_with(",") || after.starts_with("]"))
    found = among(dimensions());
  for (ArrayRef<Word> words : {dialectAttributes(), marks(), reads(), directions(), planParameters(), dimensions()})
    if (!found)
      found = among(words);
  return found ? (found->meaning.contains(word) ? found->meaning.str() : ("`" + word + "`: " + found->meaning).str()) : "";
}

std::optional<llvm::lsp::Hover> mixc::editor::hoverAt(const Document &document, size_t offset) {
  StringRef text = document.text();
  Span span = wordAt(text, offset);
  if (span.begin == span.end)
    return std::nullopt;
  StringRef word = text.slice(span.begin, span.end);
  llvm::lsp::Hover hover(document.rangeOf(span));
  if (word.starts_with("%") || word.starts_with("@")) {
    if (std::optional<Definition> definition = document.definitionAt(offset))
      hover.contents.value = describe(*definition, word);
    else if (auto type = document.valueTypes().find(word); type != document.valueTypes().end())
      hover.contents.value = ("```mlir\n" + word + ": " + type->second + "\n```").str();
  } else {
    hover.contents.value = describeWord(text, span);
  }
  if (hover.contents.value.empty())
    return std::nullopt;
  return hover;
}
