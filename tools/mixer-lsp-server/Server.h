// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The language server protocol over a transport: documents as the editor has them, and answers about them.
#pragma once

#include "Document.h"
#include "llvm/Support/LSP/Transport.h"

namespace mixc::editor {

class Server {
public:
  Server(const mlir::DialectRegistry &registry, llvm::lsp::JSONTransport &transport);
  /// Answers until the editor leaves. Whether it had said so before, by `shutdown`.
  bool run();

private:
  template <typename T> using Reply = llvm::lsp::Callback<T>;

  void initialize(const llvm::lsp::InitializeParams &params, Reply<llvm::json::Value> reply);
  void initialized(const llvm::lsp::InitializedParams &) {}
  void shutdown(const llvm::lsp::NoParams &, Reply<std::nullptr_t> reply);
  void opened(const llvm::lsp::DidOpenTextDocumentParams &params);
  void changed(const llvm::lsp::DidChangeTextDocumentParams &params);
  void closed(const llvm::lsp::DidCloseTextDocumentParams &params);
  void hover(const llvm::lsp::TextDocumentPositionParams &params, Reply<std::optional<llvm::lsp::Hover>> reply);
  void definition(const llvm::lsp::TextDocumentPositionParams &params, Reply<std::vector<llvm::lsp::Location>> reply);
  void references(const llvm::lsp::ReferenceParams &params, Reply<std::vector<llvm::lsp::Location>> reply);
  void symbols(const llvm::lsp::DocumentSymbolParams &params, Reply<std::vector<llvm::lsp::DocumentSymbol>> reply);
  void completion(const llvm::lsp::CompletionParams &params, Reply<llvm::lsp::CompletionList> reply);

  void setText(const llvm::lsp::URIForFile &uri, std::string text, int64_t version);
  /// Null if the editor has not opened it.
  const Document *find(const llvm::lsp::URIForFile &uri) const;

  const mlir::DialectRegistry &registry;
  llvm::lsp::JSONTransport &transport;
  llvm::lsp::MessageHandler handler;
  llvm::lsp::OutgoingNotification<llvm::lsp::PublishDiagnosticsParams> publish;
  llvm::StringMap<std::unique_ptr<Document>> documents; ///< by file
  bool isShutDown = false;
};

} // namespace mixc::editor
