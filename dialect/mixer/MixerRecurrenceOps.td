// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef MIXC_DIALECT_MIXER_MIXERRECURRENCEOPS
#define MIXC_DIALECT_MIXER_MIXERRECURRENCEOPS

include "Mixer.td"
include "mlir/IR/OpAsmInterface.td"
include "mlir/Interfaces/InferTypeOpInterface.td"
include "mlir/Interfaces/SideEffectInterfaces.td"

def Mixer_SemiseparableOp : Mixer_Op<"semiseparable", [Pure, AttrSizedOperandSegments,
    DeclareOpInterfaceMethods<InferTypeOpInterface>,
    DeclareOpInterfaceMethods<OpAsmOpInterface, ["getAsmResultNames"]>]> {
  let summary = "the recurrence";
  let description = [{
    For each batch entry and head, with S an N x P matrix and S_0 = `init` (zero where absent):

    ```
    S_t = (keep_t Diag(exp decay_t) + l_t r_t^T) S_{t-1} + b_t x_t^T
    y_t = c_t^T S_t      read = post (the default)
    y_t = c_t^T S_{t-1}  read = pre
    ```

    Where c is over P instead of N, it reads the other side, and y is over N: y_t = S_t c_t, or S_{t-1} c_t with read = pre. That is a
    recurrence with N and P exchanged, whose decays and corrections act on the values' side.

    Results: y and the state after the last token. `direction = anticausal` runs the same recurrence from the last
    token to the first; `both` adds the causal y (with the given read) and the anticausal one with read = pre, so
    the token itself counts at most once. `decay` is in natural log; -inf forgets the state exactly. `keep` is a
    further factor, 1 where absent, that may be negative; 0 forgets the state exactly.

    `decay = %g >= -5` says that no decay is less than the bound. The compiler may rely on it, and finds such bounds itself where g is
    computed by `max`, `clamp`, `sigmoid` and the like. A decay below a declared bound, -inf too, may make results NaN; `mixc run --check`
    reports it, and so does a call of what was compiled with `--check-bounds`.

    Where some of x, b, l and r have R, a token updates the state R times, s = 0 .. R - 1, with decay and keep in the first update
    alone; operands without R are the same in each. y reads the state after the last one:

    ```
    S <- ((keep_t Diag(exp decay_t) if s = 0 else 1) + l_ts r_ts^T) S + b_ts x_ts^T
    ```
    Two of these ops that differ in x alone (a normaliser) share decays and scores.

    `mask` multiplies each pair of tokens by a number of their distance: mask_0 is that of a token and itself, mask_1 that of a token and
    the one before, in the direction of the recurrence. With a_u = keep_u exp decay_u,

    ```
    y_t = sum over s <= t of mask_{t-s} (a_{s+1} .. a_t) (c_t . b_s) x_s        read = post
    y_t = sum over s < t  of mask_{t-s} (a_{s+1} .. a_{t-1}) (c_t . b_s) x_s    read = pre
    ```

    A pair with a reset between its tokens counts as 0, whatever the mask is. The matrix of y is then not semiseparable in general: no
    state of a few numbers stands for the tokens before, and only the quadratic form computes it.

    Shapes: x [B,T,H,P] or [B,T,H] (P = 1). b, c, l, r over B, T, N and H; without N, N = 1. decay over B, T, H, or with N
    (one for each state entry). keep over B, T and H. Each of them may have groups of heads instead of H, which share it, or neither, where
    all heads do. mask over T, which counts distances, 0 to T - 1, and B and H. y has x's dimensions, with H in place of groups or behind T.
    init and the final state [B,H,N,P], less N or P where absent; the final state has init's order. With c over P, y has N where x has P.

    Constraints:
    - C1: x has B and T, and dimensions of heads, R and P at most besides.
    - C2: b and c have dimensions among B, T, of heads, N, b also R; either both or neither have N. c may have P instead, where b has N and
      x has P.
    - C3: decay has dimensions among B, T, of heads, N, and N only where b has it.
    - C4: l and r come together.
    - C5: l and r have dimensions among B, T, of heads, R, N, and have N exactly where b has it.
    - C6: init has exactly B, H, N where b has it and P where x has it.
    - C7: direction = both takes no init, and its final state is not used.
    - C8: with R, read = post and one direction.
    - C9: keep has dimensions among B, T, of heads.
    - C10: a bound of the decay is a number, at most 0.
    - C11: mask has T, and dimensions among B and of heads.
    - C12: with mask there is no state: no init, no use of the final state, no l and r, no R, no decay with N and no c
      with P.

    Numerics: f32 state and accumulators. docs/support.md says which algorithms compute which form.

    Example:

    ```mlir
    %o, %S = mixer.semiseparable x = %dx, b = %B, c = %C, decay = %g, init = %h0
    %p, %R = mixer.semiseparable x = %v, b = %k, c = %q, decay = %w >= -5, read = pre, direction = anticausal
    %q, %Q = mixer.semiseparable x = %v, b = %k, c = %q, decay = %g, mask = %m
    ```
  }];
  let arguments = (ins Mixer_TensorType:$x, Mixer_TensorType:$b, Mixer_TensorType:$c, Optional<Mixer_TensorType>:$decay,
                       Optional<Mixer_TensorType>:$keep, Optional<Mixer_TensorType>:$l, Optional<Mixer_TensorType>:$r, Optional<Mixer_TensorType>:$init, Optional<Mixer_TensorType>:$mask,
                       DefaultValuedAttr<Mixer_ReadAttr, "::mixc::mixer::Read::Post">:$read,
                       DefaultValuedAttr<Mixer_DirectionAttr, "::mixc::mixer::Direction::Causal">:$direction,
                       OptionalAttr<F32Attr>:$decay_bound);
  let results = (outs Mixer_TensorType:$y, Mixer_TensorType:$state);
  let hasCustomAssemblyFormat = 1;
  let hasVerifier = 1;
  let hasCanonicalizer = 1;
  let extraClassDeclaration = [{
    /// Whether a token updates the state R times.
    bool hasUpdates();
    /// Whether c is over P, so that y is over N.
    bool isReadAlongP() { return getC().getType().hasDim("P"); }
  }];
}

#endif // MIXC_DIALECT_MIXER_MIXERRECURRENCEOPS
