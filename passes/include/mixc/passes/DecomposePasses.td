// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef MIXC_PASSES_DECOMPOSEPASSES
#define MIXC_PASSES_DECOMPOSEPASSES

include "mlir/Pass/PassBase.td"

class Decompose<string algorithm> : Pass<"mixer-decompose-" # algorithm, "::mlir::ModuleOp"> {
  let dependentDialects = ["::mixc::tile::TileDialect"];
}

def MixerDecomposeQuadratic : Decompose<"quadratic"> {
  let summary = "tile programs for quadratic plans: the mask block against all earlier tokens";
  let description = [{
    Input: specs with bound sizes and `plans`. Output: one `tile.program` for each quadratic plan beside the specs.

        y_t = fromStart_t (sum_{earlier chunks} W_ts x_s + passed c_t S_0) + sum_{s<=t in the chunk} W_ts x_s

    One block computes a chunk of rows and walks the column chunks from its own back to the first, so that the decay
    between them is a product of factors of at most 1. Where entries of the state have decays of their own, c_t has those from the
    start of its chunk, and b_s those to the end of its chunk and over the chunks between. With a mask, W_ts has mask_{t-s}, too: a pair
    of chunks loads the numbers of the distances that it has, once, and its weights read them at t - s. The final state, where the caller asks for
    one, is a kernel of its own (`when = state`). A recurrence in both directions is two such kernels.

    Numerics: reassociates the recurrence's sums; deterministic.
    Fails when: the spec has no plan, an unbound size, a correction, several updates a token, or a mask that is not made of
    arguments by maps, or stands beside `keep` or tokens before with `read = pre` or both directions.
  }];
}

def MixerDecomposeScan : Decompose<"scan"> {
  let summary = "tile programs for scan plans: the recurrence itself";
  let description = [{
    Input: specs with bound sizes and `plans`. Output: one `tile.program` for each scan plan beside the specs.

        S_t = exp2(g_t) S_{t-1} + b_t x_t^T,   y_t = c_t S_t

    The loop walks tiles of `chunk` tokens; `tile.scan` is the recurrence within one.

    Numerics: sums in the recurrence's own order, unless the plan says associative; deterministic.
    Fails when: as --mixer-decompose-quadratic, or there is a mask.
  }];
}

def MixerDecomposeChunked : Decompose<"chunked"> {
  let summary = "tile programs for chunked plans: block decomposition through the state";
  let description = [{
    Input: specs with bound sizes and `plans`. Output: one `tile.program` for each chunked plan beside the specs.

        y_t = fromStart_t c_t S + sum_{s<=t} W_ts x_s        S' = exp2(cum_Q) S + sum_s toEnd_s x_s b_s^T

    Kernel @main walks the chunks of a segment with the state carried. Where T is cut into more than one segment,
    @states first computes every segment's own state and decay and @combine the states at the segments' starts. With a correction a segment's
    transition is a matrix: @transitions computes it, as the state that the segment makes of the identity without x, and @join the states.

    Numerics: exponents are differences of sums, at most 0; resets are exact; deterministic.
    Fails when: as --mixer-decompose-quadratic, or there is a mask.
  }];
}

#endif // MIXC_PASSES_DECOMPOSEPASSES
