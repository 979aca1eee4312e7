// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef MIXC_PASSES_SELECTPASSES
#define MIXC_PASSES_SELECTPASSES

include "mlir/Pass/PassBase.td"

def MixerBindShape : Pass<"mixer-bind-shape", "::mlir::ModuleOp"> {
  let summary = "binds the sizes of H, G, Q, K, V, R, W, L, N, P and the dtype of io tensors";
  let description = [{
    Input: specs. Output: the same with `sizes` and `io` set and the sizes in their maps as constants.
    B and T may be among the sizes and are left to `--mixer-select`: they stay run-time values.

    Numerics: changes no arithmetic.

    Fails when: a letter is none of B, T, H, G, Q, K, V, R, W, L, N, P; a size is missing, not above zero or above its bound (2^62 for B and T, 2^20
    for the others); G, Q, K or V does not divide H; the dtype is none of f32, bf16, f16; there is no spec of the name given.

    Example: `mixer-opt --mixer-bind-shape="shape=H=24,P=64,N=128,G=1 dtype=bf16"` (test/passes/select/bind-shape.mlir).
  }];
  let options = [
    Option<"shape", "shape", "std::string", "\"\"", "sizes by dimension letter: H=24,P=64,N=128,G=1">,
    Option<"dtype", "dtype", "std::string", "\"\"", "f32, bf16 or f16; empty: what the spec says, else f32">,
    Option<"spec", "spec", "std::string", "\"\"", "name of the spec; empty: all">,
  ];
  let dependentDialects = ["::mixc::mixer::MixerDialect"];
}

def MixerSelect : Pass<"mixer-select", "::mixc::mixer::SpecOp"> {
  let summary = "writes the machine and the plans to compile on a spec";
  let description = [{
    Input: a `mixer.spec` whose `sizes` are bound. Output: the same with `target` and `plans` set; nothing else changes.

    Candidates are quadratic, scan and chunked, over chunks and numbers of heads that divide the heads of a group, as far as they fit the
    machine's shared memory and registers: chunks of 16, 32 and 64 tokens on a CPU and of 32 on a GPU, of 16 and 32 for decays of entries,
    corrections of rank 1 and `read = pre`; of family sm_90a, of 64; with teams, of 16 for decays of entries and of 32 for the others. A scan takes up to 32 tokens at a time,
    256 as an associative one. Each gets coefficients from first principles
    (flops of the products, exponentials, bytes of arguments and results, elementwise work of the maps), and
    `mixc_cost_evaluate` turns these into seconds for a B and T:

        time = launch + max(memory, work) + wave
        work = matrix + shared + special + scalar

    `memory` is bytes over bandwidth, `matrix` and `scalar` operations over their rates, `shared` the loads of the products' operands,
    `special` exponentials; each as if the machine were full all the time. `wave` is what is added because the last blocks do not fill
    it, because the steps of a block wait for each other, and because blocks draw for themselves what they share. `mixc explain`
    has a column for each (mixc/runtime/cost.h).

    With `batch` and `length`, the fastest candidate is the one plan. Else the plans are the fewest, at most `variants`, with which a
    dispatcher takes nowhere over a tenth longer than with all candidates, over B = 1 .. 64, T = 1 .. 131072. That is for each family by itself.
    Without `variants` it is at most three on a CPU, four on a GPU, two of a family for one architecture, and one with an algorithm given. In how
    many `splits` T is cut is decided at run time by the same function. Plans that the spec already has are kept.

    Plans with products of f32 operands on a GPU say in what these are multiplied (`precision`): tf32, or f32 where it is asked for.

    Numerics: decides only, the precision of products too; changes no arithmetic. The choice is deterministic.

    Fails when: the target is not found or not valid; an option has a bad value; sizes are missing; the transition does not have
    the algorithm asked for (docs/support.md lists them); no candidate fits the machine; a precision is asked
    for where there is none to choose (16-bit operands on a GPU, tf32 on a CPU) or where the spec's own plans have another; an algorithm, a
    chunk, a number of heads or of variants is given for a spec that has plans.

    Example: `mixer-opt mixers/mamba2.mlir --mixer-bind-shape="shape=H=24,P=64,N=128,G=1 dtype=bf16"
    --mixer-select="target=h100 batch=8 length=4096"` (test/passes/select/select.mlir).
  }];
  let options = [
    Option<"target", "target", "std::string", "\"x86-64\"", "machine: x86-64, sm_NN, a file's name under targets/ or a path">,
    Option<"algorithm", "algorithm", "std::string", "\"auto\"", "auto, quadratic, scan, chunked, or all (one plan of each)">,
    Option<"batch", "batch", "int64_t", "0", "sequences B to choose for; 0: not known">,
    Option<"length", "length", "int64_t", "0", "tokens T to choose for; 0: not known">,
    Option<"chunk", "chunk", "int64_t", "0", "tokens of a chunk; 0: the cost model decides">,
    Option<"heads", "heads", "int64_t", "0", "heads of a block; 0: the cost model decides">,
    Option<"variants", "variants", "int64_t", "0", "plans of a family at most; 0: three on a CPU, four on a GPU, two of a family for one architecture, one with an algorithm">,
    Option<"precision", "precision", "std::string", "\"\"", "tf32 or f32: of products of f32 operands on a GPU; empty: tf32">,
  ];
  let dependentDialects = ["::mixc::mixer::MixerDialect", "::mixc::tile::TileDialect", "::mixc::gpu_tile::GpuTileDialect"];
}

#endif // MIXC_PASSES_SELECTPASSES
