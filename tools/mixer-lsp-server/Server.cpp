// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Server.h"
#include "Completion.h"
#include "Hover.h"
#include "mlir/IR/SymbolTable.h"

using namespace llvm;
using namespace mixc::editor;

Server::Server(const mlir::DialectRegistry &registry, lsp::JSONTransport &transport)
    : registry(registry), transport(transport), handler(transport),
      publish(handler.outgoingNotification<lsp::PublishDiagnosticsParams>("textDocument/publishDiagnostics")) {
  handler.method("initialize", this, &Server::initialize);
  handler.notification("initialized", this, &Server::initialized);
  handler.method("shutdown", this, &Server::shutdown);
  handler.notification("textDocument/didOpen", this, &Server::opened);
  handler.notification("textDocument/didChange", this, &Server::changed);
  handler.notification("textDocument/didClose", this, &Server::closed);
  handler.method("textDocument/hover", this, &Server::hover);
  handler.method("textDocument/definition", this, &Server::definition);
  handler.method("textDocument/references", this, &Server::references);
  handler.method("textDocument/documentSymbol", this, &Server::symbols);
  handler.method("textDocument/completion", this, &Server::completion);
}

bool Server::run() {
  if (Error error = transport.run(handler)) {
    lsp::Logger::error("transport: {0}", toString(std::move(error)));
    return false;
  }
  return isShutDown;
}

//===--- Life ---===//

void Server::initialize(const lsp::InitializeParams &, Reply<json::Value> reply) {
  json::Object capabilities{
      // The whole text comes with every change; a spec is short.
      {"textDocumentSync", json::Object{{"openClose", true}, {"change", static_cast<int>(lsp::TextDocumentSyncKind::Full)}}},
      {"hoverProvider", true},
      {"definitionProvider", true},
      {"referencesProvider", true},
      {"documentSymbolProvider", true},
      {"completionProvider", json::Object{{"triggerCharacters", json::Array{".", "%", "[", "#", "="}}}}};
  reply(json::Object{{"serverInfo", json::Object{{"name", "mixer-lsp-server"}, {"version", MIXC_VERSION}}},
                     {"capabilities", std::move(capabilities)}});
}

void Server::shutdown(const lsp::NoParams &, Reply<std::nullptr_t> reply) {
  isShutDown = true;
  reply(nullptr);
}

//===--- Documents ---===//

const Document *Server::find(const lsp::URIForFile &uri) const {
  auto found = documents.find(uri.file());
  return found == documents.end() ? nullptr : found->second.get();
}

void Server::setText(const lsp::URIForFile &uri, std::string text, int64_t version) {
  auto document = std::make_unique<Document>(registry, uri, std::move(text));
  if (const Document *earlier = find(uri))
    document->inheritTypes(*earlier);
  lsp::PublishDiagnosticsParams params(uri, version);
  params.diagnostics = document->diagnostics();
  documents[uri.file()] = std::move(document);
  publish(params);
}

void Server::opened(const lsp::DidOpenTextDocumentParams &params) {
  setText(params.textDocument.uri, params.textDocument.text, params.textDocument.version);
}

void Server::changed(const lsp::DidChangeTextDocumentParams &params) {
  const Document *document = find(params.textDocument.uri);
  if (!document || params.contentChanges.empty())
    return;
  setText(params.textDocument.uri, params.contentChanges.back().text, params.textDocument.version);
}

void Server::closed(const lsp::DidCloseTextDocumentParams &params) {
  documents.erase(params.textDocument.uri.file());
  publish(lsp::PublishDiagnosticsParams(params.textDocument.uri, 0)); // none
}

//===--- Questions ---===//

void Server::hover(const lsp::TextDocumentPositionParams &params, Reply<std::optional<lsp::Hover>> reply) {
  const Document *document = find(params.textDocument.uri);
  reply(document ? hoverAt(*document, document->offsetAt(params.position)) : std::nullopt);
}

void Server::definition(const lsp::TextDocumentPositionParams &params, Reply<std::vector<lsp::Location>> reply) {
  std::vector<lsp::Location> locations;
  if (const Document *document = find(params.textDocument.uri))
    if (std::optional<Definition> found = document->definitionAt(document->offsetAt(params.position)))
      locations.emplace_back(document->uri(), document->rangeOf(found->span));
  reply(std::move(locations));
}

void Server::references(const lsp::ReferenceParams &params, Reply<std::vector<lsp::Location>> reply) {
  std::vector<lsp::Location> locations;
  const Document *document = find(params.textDocument.uri);
  std::optional<Definition> found = document ? document->definitionAt(document->offsetAt(params.position)) : std::nullopt;
  if (found && params.context.includeDeclaration)
    locations.emplace_back(document->uri(), document->rangeOf(found->span));
  if (found)
    for (Span use : found->uses)
      locations.emplace_back(document->uri(), document->rangeOf(use));
  reply(std::move(locations));
}

void Server::symbols(const lsp::DocumentSymbolParams &params, Reply<std::vector<lsp::DocumentSymbol>> reply) {
  std::vector<lsp::DocumentSymbol> symbols;
  if (const Document *document = find(params.textDocument.uri))
    for (auto [op, span] : document->symbols()) {
      lsp::Range range = document->rangeOf(span);
      symbols.emplace_back(mlir::SymbolTable::getSymbolName(op).getValue(), lsp::SymbolKind::Function, range, range);
      symbols.back().detail = op->getName().getStringRef().str();
    }
  reply(std::move(symbols));
}

void Server::completion(const lsp::CompletionParams &params, Reply<lsp::CompletionList> reply) {
  lsp::CompletionList list;
  if (const Document *document = find(params.textDocument.uri))
    list.items = completionsAt(*document, registry, document->offsetAt(params.position));
  reply(std::move(list));
}
