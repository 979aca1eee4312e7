// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// mixer-lsp-server: diagnostics, hover, completion, definitions, references and symbols for specs and tile programs in an
// editor, over the language server protocol on standard input and output.

#include "Server.h"
#include "mixc/dialect/TextLimits.h"
#include "mixc/passes/Register.h"
#include "llvm/Support/InitLLVM.h"
#include "llvm/Support/Program.h"
#include "llvm/Support/raw_ostream.h"

using namespace llvm;

static constexpr StringRef kHelp = R"(usage: mixer-lsp-server [flags]

The language server of mixer specs and tile programs; an editor starts it and talks to it on standard input and output.
docs/editors.md sets up VS Code, Neovim and Emacs.

flags
  --log=error|info|debug  what is written to standard error (default error)
  --lit-test              messages divided by lines `// -----`, and answers that a person can read
  --help, --version
)";

namespace {
/// Messages from standard input; one that goes beyond what the JSON parser can follow is taken for one that says nothing.
class BoundedInput : public lsp::JSONTransportInput {
public:
  explicit BoundedInput(lsp::JSONStreamStyle style) : JSONTransportInput(style), input(stdin, style) {}
  bool hasError() const override { return input.hasError(); }
  bool isEndOfInput() const override { return input.isEndOfInput(); }
  LogicalResult readDelimitedMessage(std::string &json) override { return bounded(input.readDelimitedMessage(json), json); }
  LogicalResult readStandardMessage(std::string &json) override { return bounded(input.readStandardMessage(json), json); }

private:
  static LogicalResult bounded(LogicalResult read, std::string &json) {
    if (mixc::findBeyondLimit(json))
      json = R"({"jsonrpc":"2.0","method":"$/nothing"})";
    return read;
  }
  lsp::JSONTransportInputOverFile input;
};
} // namespace

int main(int argc, char **argv) {
  InitLLVM init(argc, argv);
  bool isTest = false;
  lsp::Logger::Level level = lsp::Logger::Level::Error;
  for (StringRef arg : ArrayRef(argv + 1, argc - 1)) {
    StringRef flag = arg.starts_with("--") ? arg.drop_front() : arg;
    if (flag == "-help" || flag == "-h") {
      outs() << kHelp;
      return 0;
    }
    if (flag == "-version") {
      outs() << "mixer-lsp-server " MIXC_VERSION "\n";
      return 0;
    }
    if (flag == "-lit-test") {
      isTest = true;
    } else if (flag == "-log=error" || flag == "-log=info" || flag == "-log=debug") {
      level = flag == "-log=error" ? lsp::Logger::Level::Error : flag == "-log=info" ? lsp::Logger::Level::Info : lsp::Logger::Level::Debug;
    } else {
      errs() << "mixer-lsp-server: expected --log=error|info|debug, --lit-test, --help or --version, got '" << arg << "'\n";
      return 2;
    }
  }
  lsp::Logger::setLogLevel(level);
  if (isTest)
    lsp::URIForFile::registerSupportedScheme("test");
  (void)sys::ChangeStdinToBinary();
  const lsp::JSONStreamStyle style = isTest ? lsp::JSONStreamStyle::Delimited : lsp::JSONStreamStyle::Standard;
  lsp::JSONTransport transport(std::make_unique<BoundedInput>(style), outs(), /*PrettyOutput=*/isTest);
  mlir::DialectRegistry registry;
  mixc::registerAllDialects(registry);
  return !mixc::editor::Server(registry, transport).run();
}
