// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Specs and IR of every level. An input's first line says what is done with the rest:
//   // mixer-opt --mixer-to-tile="shape=H=2,P=16,N=16"     parsed, verified and run through passes, as mixer-opt would
//   // compile bf16 H=2,P=16,N=16                           mixc compile for this machine's CPU
//   // evaluate B=1,T=5,H=2,P=3,N=2,G=1                      the float64 reference, on zeros
//   // edit 1234                                             the language server: opened, asked about the byte of that number

#include "Completion.h"
#include "Corpus.h"
#include "Edits.h"
#include "Hover.h"
#include "Kind.h"
#include "Module.h"
#include "Mutator.h"
#include "Process.h"
#include "mixc/passes/Compiler.h"
#include "mixc/passes/Frontend.h"
#include "mixc/passes/Register.h"
#include "mixc/passes/Shape.h"
#include "mixc/reference/Evaluate.h"
#include "llvm/Support/MathExtras.h"
#include <set>

using namespace llvm;
using namespace mixc::fuzz;

static constexpr int64_t kLargestEvaluation = 100000;

//===--- Corpus ---===//

/// Each valid piece again, in the generic form, whose parser checks nothing: the verifiers have to. The valid ones' numbers are noted.
static void addGenericForms(std::vector<Piece> &pieces, std::vector<size_t> &valid, mlir::MLIRContext &context) {
  for (size_t i = 0, n = pieces.size(); i < n; ++i) {
    Module module(pieces[i].text, context);
    if (!module)
      continue;
    valid.push_back(i);
    std::string text = module.print(mlir::OpPrintingFlags().printGenericOpForm().useLocalScope());
    if (text.size() < kLargestPiece)
      pieces.push_back({text, pieces[i].passes});
  }
}

//===--- Kinds ---===//

namespace {
class Ir : public Kind {
public:
  Ir(ArrayRef<StringRef> directories, bool everyLevel) : context(mlir::MLIRContext::Threading::DISABLED) {
    mixc::registerCompilerDialects(registry);
    context.appendDialectRegistry(registry);
    context.printOpOnDiagnostic(false);
    static bool registered = (mixc::registerAllPasses(), true);
    (void)registered;
    pieces = readCorpus(directories);
    if (everyLevel)
      addLowered(pieces, context);
    addGenericForms(pieces, valid, context);
    std::set<std::string> all{""};
    std::vector<std::string> texts;
    for (const Piece &piece : pieces) {
      all.insert(piece.passes.begin(), piece.passes.end());
      texts.push_back(piece.text);
    }
    passes.assign(all.begin(), all.end());
    tally.emplace(kFirstPipeline + passes.size());
    mutator.emplace(texts);
  }

  std::string make(Random &random) const override {
    bool edits = !random.once(3);
    const Piece &piece = edits ? pieces[random.pick(valid)] : random.pick(pieces);
    std::string what = "// " + chooseWork(piece, random) + "\n";
    if (!edits)
      return what + mutator->mutate(piece.text, random);
    Module module(piece.text, context);
    editIr(module.get(), random);
    // An edited module may be invalid, which only the generic form shows as it is.
    std::string text = module.print(mlir::OpPrintingFlags().printGenericOpForm().useLocalScope());
    return what + (random.once(2) ? text : mutator->replaceNumber(text, random));
  }

  void run(const std::string &input) const override {
    auto [line, text] = StringRef(input).split('\n');
    if (line.consume_front("// edit "))
      return edit(text, line);
    Module module(text, context);
    if (!module)
      return;
    tally->count(kVerified);
    // What verifies must print, in both forms.
    module.print({});
    module.print(mlir::OpPrintingFlags().printGenericOpForm());
    if (line.consume_front("// mixer-opt "))
      runPasses(module, line);
    else if (line.consume_front("// compile "))
      compile(module.get(), line);
    else if (line.consume_front("// evaluate "))
      evaluate(module.get(), line);
  }

  std::string summary() const override {
    std::string text = std::to_string((*tally)[kVerified]) + " verified, of " + std::to_string((*tally)[kStarted]) + " for passes " +
                       std::to_string((*tally)[kLowered]) + " went through them";
    for (size_t i = 0; i < passes.size(); ++i)
      if ((*tally)[kFirstPipeline + i] == 0)
        text += "\n  none through " + passes[i];
    return text;
  }

  const char *ending() const override { return "mlir"; }

protected:
  /// What is counted; the pipelines of the corpus follow.
  enum { kVerified, kStarted, kLowered, kFirstPipeline };

  void runPasses(Module &module, StringRef flags) const {
    tally->count(kStarted);
    if (!module.run(pipelineOf(flags)))
      return;
    tally->count(kLowered);
    if (auto found = llvm::find(passes, flags); found != passes.end())
      tally->count(kFirstPipeline + (found - passes.begin()));
  }

  virtual std::string chooseWork(const Piece &piece, Random &random) const {
    const auto &from = piece.passes.empty() || random.once(4) ? passes : piece.passes;
    return "mixer-opt " + random.pick(from);
  }

  void edit(StringRef text, StringRef line) const {
    size_t offset = 0;
    Expected<llvm::lsp::URIForFile> uri = llvm::lsp::URIForFile::fromFile("/input.mlir");
    if (!uri)
      return consumeError(uri.takeError());
    line.getAsInteger(10, offset);
    mixc::editor::Document document(registry, *uri, text.str());
    offset = document.offsetAt(document.positionAt(offset % (text.size() + 1)));
    (void)mixc::editor::hoverAt(document, offset);
    (void)mixc::editor::completionsAt(document, registry, offset);
    (void)document.definitionAt(offset);
    (void)document.symbols();
  }

  static void compile(mlir::ModuleOp module, StringRef line) {
    mixc::CompileOptions options;
    auto [dtype, sizes] = line.split(' ');
    options.dtype = dtype.str();
    options.targets = {"x86-64"};
    options.hostOnly = true;
    if (Expected<mixc::Shape> shape = mixc::parseShape(sizes))
      options.shape = *shape;
    else
      consumeError(shape.takeError());
    (void)mixc::compile(module, options);
  }

  static void evaluate(mlir::ModuleOp module, StringRef line) {
    Expected<mixc::Shape> sizes = mixc::parseShape(line);
    if (!sizes)
      return consumeError(sizes.takeError());
    for (auto spec : module.getOps<mixc::mixer::SpecOp>()) {
      mixc::reference::Arrays arguments;
      for (unsigned i = 0; i < spec.getNumArgs(); ++i) {
        int64_t count = 1;
        for (mlir::StringAttr dim : spec.getArgType(i).getDims())
          if (auto size = sizes->find(dim.str()); size != sizes->end() && MulOverflow(count, size->second, count))
            return;
        if (count > kLargestEvaluation)
          return;
        arguments[spec.getArgName(i).str()].assign(count, 0.0);
      }
      (void)mixc::reference::evaluate(spec, *sizes, arguments);
    }
  }

  mlir::DialectRegistry registry;
  mutable mlir::MLIRContext context; ///< each child has a copy, with what the corpus has loaded
  std::vector<Piece> pieces;
  std::vector<size_t> valid; ///< pieces that the parser takes
  std::vector<std::string> passes;
  std::optional<Mutator> mutator;
  mutable std::optional<Tally> tally;
};

class Specs : public Ir {
public:
  Specs() : Ir({"mixers", "test/dialect/mixer", "test/integration"}, /*everyLevel=*/false) {}

protected:
  static std::string sizes(Random &random) {
    static const std::vector<std::string> usual = {"H=2,P=16,N=16,G=1", "H=4,P=3,N=5,G=2,Q=4,K=1,V=2,R=3", "H=1,P=1,N=1,G=1",
                                                   "H=2,P=64,N=64,G=1", "H=6,P=20,N=33,G=3,Q=1,K=2,V=6,R=2"};
    if (!random.once(8))
      return random.pick(usual);
    std::string text;
    for (const char *dim : {"H=", ",P=", ",N=", ",G=", ",Q=", ",K=", ",V=", ",R="})
      text += dim + (random.once(2) ? std::string("2") : random.pick(strangeNumbers()));
    return text;
  }

  std::string chooseWork(const Piece &piece, Random &random) const override {
    static const std::vector<std::string> dtypes = {"f32", "bf16", "f16"}, algorithms = {"auto", "quadratic", "scan", "chunked", "all"},
                                          chunks = {"", "", "", "", " chunk=16", " chunk=64", " chunk=1"},
                                          lengths = {"", "", " batch=1 length=1", " batch=4 length=1000"};
    static const std::vector<std::string> ways = {"tile=\"target=x86-64",         "tile=\"target=x86-64", "tile=\"target=sm_80",
                                                  "tile=\"target=h100",           "cpu=\"target=x86-64",  "gpu=\"target=sm_80",
                                                  "gpu=\"arch=sm_90a target=h100"};
    size_t what = random.below(18);
    if (what >= 16)
      return "edit " + std::to_string(random.below(4000));
    if (what == 0)
      return "compile " + random.pick(dtypes) + " " + sizes(random);
    if (what <= 4)
      return "evaluate B=2,T=5," + sizes(random);
    if (what == 5)
      return "mixer-opt " + random.pick(passes);
    return "mixer-opt --mixer-to-" + random.pick(ways) + " shape=" + sizes(random) + " dtype=" + random.pick(dtypes) +
           " algorithm=" + random.pick(algorithms) + random.pick(chunks) + random.pick(lengths) + "\"";
  }
};
} // namespace

std::unique_ptr<Kind> mixc::fuzz::makeSpecs() { return std::make_unique<Specs>(); }
std::unique_ptr<Kind> mixc::fuzz::makeIr() { return std::make_unique<Ir>(ArrayRef<StringRef>{"test", "mixers"}, /*everyLevel=*/true); }
