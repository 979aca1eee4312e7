// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A text that is open in an editor: its IR where it parses, what is wrong with it where not, and the way from the editor's
// positions to offsets and back.
#pragma once

#include "mlir/AsmParser/AsmParserState.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/Support/LSP/Protocol.h"
#include "llvm/Support/SourceMgr.h"
#include <memory>
#include <optional>

namespace mixc::editor {

/// Bytes of the text from `begin` to before `end`.
struct Span {
  size_t begin = 0, end = 0;
  bool contains(size_t offset) const { return begin <= offset && offset <= end; }
};

/// Something with a name that the text defines: a value or a symbol.
struct Definition {
  mlir::Value value;             ///< null for a symbol
  mlir::Operation *op = nullptr; ///< the symbol
  Span span;                     ///< of the name where it is defined
  llvm::SmallVector<Span> uses;
};

/// A type as it is written: [B,T,H,P] io, or as MLIR prints it.
std::string typeText(mlir::Type type);

class Document {
public:
  Document(const mlir::DialectRegistry &registry, llvm::lsp::URIForFile uri, std::string text);
  ~Document();

  llvm::StringRef text() const { return contents; }
  const std::vector<llvm::lsp::Diagnostic> &diagnostics() const { return problems; }
  const llvm::lsp::URIForFile &uri() const { return address; }

  /// Positions count UTF-16 units; lines end with \n, \r\n or \r, as the protocol says. Beyond a line or the text is its end.
  size_t offsetAt(llvm::lsp::Position position) const;
  llvm::lsp::Position positionAt(size_t offset) const;
  llvm::lsp::Range rangeOf(Span span) const { return {positionAt(span.begin), positionAt(span.end)}; }

  /// What is defined or used at an offset; nothing in a part that does not parse.
  std::optional<Definition> definitionAt(size_t offset) const;
  /// The symbols of the text with what they span, in order.
  std::vector<std::pair<mlir::Operation *, Span>> symbols() const;
  /// Names of the values of parts that parse, with their types as text.
  const llvm::StringMap<std::string> &valueTypes() const { return types; }
  /// Takes over the types of names that this text, while it is being edited, does not define.
  void inheritTypes(const Document &earlier) {
    for (const auto &[name, type] : earlier.types)
      types.try_emplace(name, type);
  }

private:
  /// Texts of several modules are divided by lines `// -----`, as the tests of the tools are.
  struct Part;
  void addPart(const mlir::DialectRegistry &registry, size_t begin, size_t end);
  void addDiagnostic(const Part &part, mlir::Diagnostic &diagnostic);
  Span spanOf(const Part &part, mlir::Location location) const;
  Span spanOf(const Part &part, llvm::SMRange range) const;
  void visitDefinitions(llvm::function_ref<bool(const Definition &)> visit) const;

  llvm::lsp::URIForFile address;
  std::string contents;
  std::vector<size_t> lines; ///< where each begins
  std::vector<std::unique_ptr<Part>> parts;
  std::vector<llvm::lsp::Diagnostic> problems;
  llvm::StringMap<std::string> types;
};

} // namespace mixc::editor
