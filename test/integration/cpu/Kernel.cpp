// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Kernel.h"
#include "mixc/passes/Compiler.h"
#include "mixc/passes/Family.h"
#include "mixc/passes/Forms.h"
#include "mlir/IR/MLIRContext.h"
#include "mlir/Parser/Parser.h"
#include "llvm/Support/ErrorHandling.h"
#include "llvm/Support/FileSystem.h"
#include <cstdlib>
#include <ostream>

using namespace llvm;

namespace mixc::test {

std::string Plan::text() const {
  std::string name = mixer::stringifyAlgorithm(algorithm).str() + std::to_string(chunk);
  return name + (associative ? "_associative" : "") + (heads > 1 ? "_heads" + std::to_string(heads) : "");
}

std::string Recipe::text() const {
  std::string text = mixer;
  for (auto &[dim, size] : sizes)
    text += " " + dim + "=" + std::to_string(size);
  return text + " " + dtype + (level.empty() ? "" : " " + level) + (keepsStates ? " keeps states" : "") +
         (stateDtype.empty() ? "" : " states " + stateDtype) + (stochastic ? " rounded stochastically" : "") +
         (sharesGroups ? " free heads, shared groups"
          : freeHeads  ? " free heads"
                       : "") +
         (batchInvariant ? " batch-invariant" : "");
}

void PrintTo(const Recipe &recipe, std::ostream *os) { *os << recipe.text(); }

void PrintTo(const NamedRecipe &named, std::ostream *os) { *os << named.name; }

static mlir::MLIRContext &context() {
  static mlir::MLIRContext instance([] {
    mlir::DialectRegistry registry;
    registerCompilerDialects(registry);
    return registry;
  }());
  return instance;
}

mixer::SpecOp Kernel::spec() const { return *(*module).getOps<mixer::SpecOp>().begin(); }

int64_t Kernel::size(const char *dim) const {
  auto found = made.sizes.find(dim);
  return found == made.sizes.end() ? 1 : found->second;
}

mixc_dtype Kernel::ioType() const { return made.dtype == "bf16" ? MIXC_BF16 : made.dtype == "f16" ? MIXC_F16 : MIXC_F32; }

std::vector<std::string> Kernel::tensorsWith(char dim) const {
  std::vector<std::string> names;
  for (int32_t i = 0; i < descriptor()->n_tensors; ++i)
    if (StringRef(descriptor()->tensors[i].dims).contains(dim))
      names.push_back(descriptor()->tensors[i].name);
  return names;
}

static mlir::OwningOpRef<mlir::ModuleOp> parse(const Recipe &recipe) {
  if (!recipe.source.empty())
    return mlir::parseSourceString<mlir::ModuleOp>(recipe.source, &context());
  std::string own = MIXC_TEST_INPUTS_DIR "/" + recipe.mixer + ".mlir";
  std::string path = sys::fs::exists(own) ? own : MIXC_MIXERS_DIR "/" + recipe.mixer + ".mlir";
  return mlir::parseSourceFile<mlir::ModuleOp>(path, &context());
}

/// Leaves heads to the call, in bands of those that the shape has.
static void freeHeads(Shape &shape, bool sharesGroups) {
  shape.band = shape.at("H");
  for (char dim : mixer::kGroupDims)
    if (auto groups = shape.find(std::string(1, dim)); groups != shape.end() && !(sharesGroups && groups->second == 1))
      shape.headsOfGroup[dim] = shape.band / groups->second;
}

/// By the kernel's plan, or one of each algorithm.
Error Kernel::compile(bool allAlgorithms) {
  module = parse(made);
  if (!module)
    return createStringError("does not parse");
  if (!allAlgorithms) {
    auto attr = mixer::AlgorithmAttr::get(&context(), how.algorithm, how.chunk, how.heads, size("P"), mlir::Float32Type::get(&context()),
                                          mixer::Precision::F32, /*stages=*/1, /*warps=*/1, how.associative, kPortableFamily,
                                          /*parts=*/1, /*pieces=*/1, /*persistent=*/0, /*teams=*/0, /*rebalance=*/true);
    spec().setPlansAttr(mlir::ArrayAttr::get(&context(), {attr}));
  }
  CompileOptions options;
  options.targets = {made.device ? made.device->target : "x86-64"};
  options.dtype = made.dtype;
  options.shape = made.sizes;
  if (made.freeHeads)
    freeHeads(options.shape, made.sharesGroups);
  options.hostOnly = made.level.empty();
  options.keepStates = made.keepsStates;
  options.stateDtype = made.stateDtype;
  options.stochasticRounding = made.stochastic;
  options.batchInvariant = made.batchInvariant;
  options.allAlgorithms = allAlgorithms;
  options.chunk = allAlgorithms ? how.chunk : 0;
  CompileResult result = mixc::compile(*module, options);
  if (!result.artefacts)
    return createStringError("does not compile");
  Expected<std::unique_ptr<LoadedSpec>> linked = LoadedSpec::load(result.artefacts->object, spec().getSymName());
  if (!linked)
    return linked.takeError();
  loaded = std::move(*linked);
  // The runtime reads the variable when it first sees the descriptor.
  setenv("MIXC_CPU", made.level.c_str(), 1);
  mixc_status status = mixc_spec_load(descriptor(), made.device ? made.device->id() : mixc_device{MIXC_DEVICE_CPU, 0});
  unsetenv("MIXC_CPU");
  return status.code == MIXC_OK ? Error::success() : createStringError(status.message);
}

std::unique_ptr<Kernel> Kernel::make(const Recipe &recipe, const Plan &plan) {
  std::unique_ptr<Kernel> kernel(new Kernel(recipe, plan));
  if (Error error = kernel->compile(/*allAlgorithms=*/false))
    reportFatalUsageError(Twine(recipe.text()) + ", " + plan.text() + ": " + toString(std::move(error)));
  return kernel;
}

Expected<std::unique_ptr<Kernel>> Kernel::makeAll(const Recipe &recipe, int64_t chunk) {
  std::string diagnostics;
  mlir::ScopedDiagnosticHandler handler(&context(), [&](mlir::Diagnostic &diagnostic) { diagnostics += diagnostic.str() + "; "; });
  std::unique_ptr<Kernel> kernel(new Kernel(recipe, {mixer::Algorithm::Chunked, chunk}));
  if (Error error = kernel->compile(/*allAlgorithms=*/true))
    return createStringError(diagnostics + toString(std::move(error)));
  return kernel;
}

Kernel &Kernel::get(const Recipe &recipe, const Plan &plan) {
  (void)context(); // is to outlive the modules
  static std::map<std::string, std::unique_ptr<Kernel>> kernels;
  std::unique_ptr<Kernel> &kernel = kernels[recipe.text() + " " + plan.text()];
  if (!kernel)
    kernel = make(recipe, plan);
  return *kernel;
}

std::vector<Plan> plansFor(const Recipe &recipe, int64_t chunk, int64_t heads) {
  auto sizeOf = [&](const char *dim) { return recipe.sizes.count(dim) ? recipe.sizes.at(dim) : 1; };
  std::vector<Plan> plans = {{mixer::Algorithm::Chunked, chunk, heads},
                             {mixer::Algorithm::Scan, 16, heads},
                             {mixer::Algorithm::Scan, 1, heads},
                             {mixer::Algorithm::Quadratic, chunk, heads}};
  if (sizeOf("N") * sizeOf("P") <= 16)
    plans.push_back({mixer::Algorithm::Scan, 64, heads, /*associative=*/true});
  eraseWithoutForm(plans, recipe);
  return plans;
}

void eraseWithoutForm(std::vector<Plan> &plans, const Recipe &recipe) {
  mlir::OwningOpRef<mlir::ModuleOp> module = parse(recipe);
  if (!module)
    reportFatalUsageError(Twine(recipe.text()) + ": does not parse");
  mixer::SpecOp spec = *module->getOps<mixer::SpecOp>().begin();
  llvm::erase_if(plans, [&](const Plan &plan) { return findMissingForm(spec, plan.algorithm).has_value(); });
}

} // namespace mixc::test
