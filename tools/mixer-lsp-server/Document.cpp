// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Document.h"
#include "mixc/dialect/Mixer.h"
#include "mixc/dialect/Remarks.h"
#include "mixc/dialect/TextLimits.h"
#include "mixc/passes/Forms.h"
#include "mlir/AsmParser/AsmParser.h"
#include "mlir/IR/SymbolTable.h"
#include "mlir/IR/Verifier.h"
#include "llvm/Support/ConvertUTF.h"
#include "llvm/Support/LSP/Transport.h"

using namespace llvm;
using namespace mixc;
using namespace mixc::editor;

struct Document::Part {
  Part(const mlir::DialectRegistry &registry) : context(registry, mlir::MLIRContext::Threading::DISABLED) {}

  mlir::MLIRContext context;
  SourceMgr sources;
  size_t begin = 0; ///< of its text in the document's
  mlir::AsmParserState state;
  mlir::OwningOpRef<mlir::ModuleOp> module; ///< null where it does not parse
};

Document::Document(const mlir::DialectRegistry &registry, lsp::URIForFile uri, std::string text)
    : address(std::move(uri)), contents(std::move(text)), lines{0} {
  for (size_t i = 0; i < contents.size(); ++i)
    if (contents[i] == '\n' || (contents[i] == '\r' && contents[i + 1] != '\n'))
      lines.push_back(i + 1);
  size_t begin = 0;
  static constexpr StringRef divider = "\n// -----";
  for (size_t at; (at = contents.find(divider.data(), begin)) != std::string::npos; begin = at + 1)
    addPart(registry, begin, at + 1);
  addPart(registry, begin, contents.size());
}

Document::~Document() = default;

//===--- Positions ---===//

/// UTF-16 units of a text; a byte that is no UTF-8 counts as one.
static size_t utf16Length(StringRef text) {
  size_t length = 0;
  for (size_t i = 0; i < text.size(); ++length) {
    unsigned bytes = getNumBytesForUTF8(static_cast<UTF8>(text[i]));
    bool valid = i + bytes <= text.size() && isLegalUTF8Sequence(text.bytes_begin() + i, text.bytes_begin() + i + bytes);
    i += valid ? bytes : 1;
    length += valid && bytes == 4; // two units
  }
  return length;
}

lsp::Position Document::positionAt(size_t offset) const {
  offset = std::min(offset, contents.size());
  size_t line = upper_bound(lines, offset) - lines.begin() - 1;
  return {static_cast<int>(line), static_cast<int>(utf16Length(text().slice(lines[line], offset)))};
}

size_t Document::offsetAt(lsp::Position position) const {
  if (position.line < 0 || static_cast<size_t>(position.line) >= lines.size())
    return contents.size();
  size_t begin = lines[position.line];
  StringRef line = text().substr(begin).take_until([](char c) { return c == '\n' || c == '\r'; });
  size_t bytes = 0;
  while (bytes < line.size() && utf16Length(line.take_front(bytes)) < static_cast<size_t>(std::max(0, position.character)))
    ++bytes;
  return begin + bytes;
}

//===--- Parsing ---===//

void Document::addPart(const mlir::DialectRegistry &registry, size_t begin, size_t end) {
  auto owned = std::make_unique<Part>(registry);
  Part &part = *owned;
  part.begin = begin;
  part.sources.AddNewSourceBuffer(MemoryBuffer::getMemBufferCopy(text().slice(begin, end), address.file()), SMLoc());
  parts.push_back(std::move(owned));
  mlir::ScopedDiagnosticHandler handler(&part.context, [&](mlir::Diagnostic &diagnostic) { addDiagnostic(part, diagnostic); });
  if (std::optional<BeyondLimit> beyond = findBeyondLimit(text().slice(begin, end))) {
    lsp::Diagnostic problem;
    problem.source = "mixc";
    problem.severity = lsp::DiagnosticSeverity::Error;
    size_t at = beyond->at - contents.data();
    problem.range = rangeOf({at, at + 1});
    problem.message = beyond->message;
    problems.push_back(std::move(problem));
    return;
  }
  part.module = mlir::ModuleOp::create(mlir::UnknownLoc::get(&part.context));
  // Verified apart, so that what is parsed can be asked about even where it is not valid.
  mlir::ParserConfig config(&part.context, /*verifyAfterParse=*/false);
  if (failed(mlir::parseAsmSourceFile(part.sources, part.module->getBody(), config, &part.state))) {
    part.state = mlir::AsmParserState();
    part.module = nullptr;
    return;
  }
  if (succeeded(mlir::verify(*part.module)))
    part.module->walk([](mixer::SpecOp spec) {
      (void)checkForms(spec);
      mixer::warnOfUnusedArguments(spec);
    });
  visitDefinitions([&](const Definition &definition) {
    if (definition.value)
      types[text().slice(definition.span.begin, definition.span.end)] = typeText(definition.value.getType());
    return true;
  });
}

Span Document::spanOf(const Part &part, mlir::Location location) const {
  auto place = location->findInstanceOf<mlir::FileLineColLoc>();
  if (!place || place.getLine() == 0)
    return {part.begin, part.begin};
  StringRef rest = text().substr(part.begin);
  size_t at = 0;
  for (unsigned line = 1; line < place.getLine() && at != StringRef::npos; ++line)
    at = rest.find('\n', at) == StringRef::npos ? StringRef::npos : rest.find('\n', at) + 1;
  at = part.begin + std::min<size_t>(at, rest.size()) + std::max(1u, place.getColumn()) - 1;
  at = std::min(at, contents.size());
  return {at, at + text().substr(at).take_while([](char c) { return isAlnum(c) || strchr("_.%@#$", c); }).size()};
}

Span Document::spanOf(const Part &part, SMRange range) const {
  if (!range.isValid())
    return {part.begin, part.begin};
  const char *base = part.sources.getMemoryBuffer(part.sources.getMainFileID())->getBufferStart();
  return {part.begin + static_cast<size_t>(range.Start.getPointer() - base),
          part.begin + static_cast<size_t>(range.End.getPointer() - base)};
}

void Document::addDiagnostic(const Part &part, mlir::Diagnostic &diagnostic) {
  lsp::Diagnostic problem;
  problem.source = "mixc";
  const Span span = spanOf(part, diagnostic.getLocation());
  problem.range = rangeOf(span);
  std::optional<std::string> plain = mixer::explainParserError(diagnostic, text().substr(span.begin));
  problem.message = plain.value_or(diagnostic.str());
  switch (diagnostic.getSeverity()) {
  case mlir::DiagnosticSeverity::Error:
    problem.severity = lsp::DiagnosticSeverity::Error;
    break;
  case mlir::DiagnosticSeverity::Warning:
    problem.severity = lsp::DiagnosticSeverity::Warning;
    break;
  default:
    problem.severity = lsp::DiagnosticSeverity::Information;
    break;
  }
  std::vector<lsp::DiagnosticRelatedInformation> notes;
  for (mlir::Diagnostic &note : diagnostic.getNotes())
    if (!plain)
      notes.emplace_back(lsp::Location(address, rangeOf(spanOf(part, note.getLocation()))), note.str());
  if (!notes.empty())
    problem.relatedInformation = std::move(notes);
  problems.push_back(std::move(problem));
}

//===--- Definitions ---===//

std::string mixc::editor::typeText(mlir::Type type) {
  if (auto tensor = dyn_cast<mixer::TensorType>(type))
    return tensor.getShortName();
  return llvm::debugString(type);
}

void Document::visitDefinitions(function_ref<bool(const Definition &)> visit) const {
  for (const auto &part : parts) {
    if (!part->module)
      continue;
    auto define = [&](mlir::Value value, const mlir::AsmParserState::SMDefinition &source) {
      Definition definition{value, nullptr, spanOf(*part, source.loc), {}};
      for (SMRange use : source.uses)
        definition.uses.push_back(spanOf(*part, use));
      return visit(definition);
    };
    for (const auto &op : part->state.getOpDefs()) {
      for (const auto &group : op.resultGroups)
        if (group.startIndex < op.op->getNumResults() && !define(op.op->getResult(group.startIndex), group.definition))
          return;
      if (!isa<mlir::SymbolOpInterface>(op.op))
        continue;
      Definition symbol{nullptr, op.op, spanOf(*part, op.loc), {}};
      std::string name = "@" + mlir::SymbolTable::getSymbolName(op.op).str();
      if (size_t at = contents.find(name, symbol.span.begin); at != std::string::npos)
        symbol.span = {at, at + name.size()};
      for (SMRange use : op.symbolUses)
        symbol.uses.push_back(spanOf(*part, use));
      if (!visit(symbol))
        return;
    }
    for (const auto &block : part->state.getBlockDefs())
      for (auto [i, argument] : enumerate(block.arguments))
        if (argument.loc.isValid() && i < block.block->getNumArguments() && !define(block.block->getArgument(i), argument))
          return;
  }
}

std::optional<Definition> Document::definitionAt(size_t offset) const {
  std::optional<Definition> found;
  visitDefinitions([&](const Definition &definition) {
    auto holds = [&](Span span) { return span.contains(offset); };
    if (holds(definition.span) || any_of(definition.uses, holds))
      found = definition;
    return !found;
  });
  return found;
}

std::vector<std::pair<mlir::Operation *, Span>> Document::symbols() const {
  std::vector<std::pair<mlir::Operation *, Span>> found;
  for (const auto &part : parts)
    if (part->module)
      for (const auto &op : part->state.getOpDefs())
        if (isa<mlir::SymbolOpInterface>(op.op))
          found.emplace_back(op.op, spanOf(*part, op.scopeLoc));
  sort(found, [](const auto &a, const auto &b) { return a.second.begin < b.second.begin; });
  return found;
}
