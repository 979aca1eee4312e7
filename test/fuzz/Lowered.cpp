// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What mixers are at the lower levels: one piece for each program, small enough that a change hits something.

#include "Corpus.h"
#include "Module.h"
#include "mixc/dialect/GpuTile.h"
#include "mixc/dialect/Mixer.h"

using namespace llvm;
using namespace mixc::fuzz;

namespace {
struct Origin {
  const char *mixer, *options;
};
} // namespace

static const Origin kOrigins[] = {
    {"linear_attn", "shape=H=2,P=16,N=16 algorithm=all target=x86-64"},
    {"mamba2", "shape=H=2,P=16,N=16,G=1 algorithm=all target=x86-64"},
    {"cumprodsum", "shape=H=2 algorithm=all target=x86-64"},
    {"mamba2_block", "shape=H=2,P=16,N=16,G=1,W=4,L=3 algorithm=all target=x86-64"},
    {"mamba2", "shape=H=2,P=16,N=16,G=1 dtype=bf16 algorithm=all target=sm_80"},
    {"simple_gla", "shape=H=2,P=32,N=16 algorithm=all target=sm_80"},
    {"cumprodsum", "shape=H=2 algorithm=all target=sm_80"},
    {"mamba2_block", "shape=H=2,P=16,N=16,G=1,W=3,L=2 dtype=bf16 algorithm=all target=sm_80"},
    {"linear_attn", "shape=H=2,P=64,N=64 dtype=f16 algorithm=chunked target=h100"},
    {"mamba2", "shape=H=4,P=64,N=80,G=2 dtype=bf16 algorithm=chunked target=h100"},
    {"retention", "shape=H=2,P=64,N=128 dtype=bf16 algorithm=chunked target=h100"},
};

/// A program that stands alone, as text.
static std::string textOf(mlir::Operation &op) {
  mlir::OwningOpRef<mlir::ModuleOp> module = mlir::ModuleOp::create(op.getLoc());
  module->push_back(op.clone());
  std::string text;
  raw_string_ostream os(text);
  module->print(os);
  return text;
}

/// Every level takes what any machine was chosen for.
static const std::vector<std::string> &passesOfTiles() {
  static const std::vector<std::string> passes = {"--tile-to-cpu",
                                                  "--tile-to-cpu=\"vector-width=8\" --cpu-to-llvm",
                                                  "--tile-to-cpu --cpu-to-llvm",
                                                  "--tile-to-gpu",
                                                  "--tile-to-gpu=\"arch=sm_90a\"",
                                                  "--tile-assign-roles --tile-to-gpu=\"arch=sm_90a\"",
                                                  "--tile-to-gpu --gpu-tile-to-nvvm --gpu-to-llvm-pipeline",
                                                  "--tile-to-gpu=\"arch=sm_90a\" --gpu-tile-to-nvvm --gpu-to-llvm-pipeline"};
  return passes;
}

static void addPrograms(Module &module, std::vector<Piece> &pieces) {
  for (mlir::Operation &op : module.get().getOps()) {
    if (isa<mixc::tile::ProgramOp>(op))
      pieces.push_back({textOf(op), passesOfTiles()});
    else if (isa<mixc::gpu_tile::ProgramOp>(op))
      pieces.push_back({textOf(op), {"--gpu-tile-to-nvvm", "--gpu-tile-to-nvvm --gpu-to-llvm-pipeline"}});
  }
}

void mixc::fuzz::addLowered(std::vector<Piece> &pieces, mlir::MLIRContext &context) {
  for (auto [mixer, options] : kOrigins) {
    auto spec = MemoryBuffer::getFile(std::string(MIXC_SOURCE_DIR "/mixers/") + mixer + ".mlir", /*IsText=*/true);
    if (!spec)
      continue;
    Module module((*spec)->getBuffer(), context);
    if (!module || !module.run("mixer-to-tile{" + std::string(options) + "}"))
      continue;
    for (auto specOp : make_early_inc_range(module.get().getOps<mixer::SpecOp>()))
      specOp.erase();
    addPrograms(module, pieces);
    StringRef target = StringRef(options).rsplit('=').second;
    if (target == "x86-64") {
      if (module.run("tile-to-cpu"))
        pieces.push_back({module.print({}), {"--cpu-to-llvm", "--approximate-math"}});
      continue;
    }
    if (target == "h100" && module.run("tile-assign-roles"))
      addPrograms(module, pieces);
    if (module.run(target == "h100" ? "tile-to-gpu{arch=sm_90a}" : "tile-to-gpu")) {
      addPrograms(module, pieces);
      if (module.run("gpu-tile-to-nvvm"))
        pieces.push_back({module.print({}), {"--gpu-to-llvm-pipeline"}});
    }
  }
  erase_if(pieces, [](const Piece &piece) { return piece.text.size() >= 4 * kLargestPiece; });
}
