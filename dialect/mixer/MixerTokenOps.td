// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef MIXC_DIALECT_MIXER_MIXERTOKENOPS
#define MIXC_DIALECT_MIXER_MIXERTOKENOPS

include "Mixer.td"
include "mlir/IR/OpAsmInterface.td"
include "mlir/Interfaces/InferTypeOpInterface.td"
include "mlir/Interfaces/SideEffectInterfaces.td"

// Ops over neighbouring tokens. The name of their results is that of the spec's result, if they are one.
class Mixer_TokenOp<string mnemonic> : Mixer_Op<mnemonic, [Pure, DeclareOpInterfaceMethods<InferTypeOpInterface>,
                                                           DeclareOpInterfaceMethods<OpAsmOpInterface, ["getAsmResultNames"]>]> {
  let hasCustomAssemblyFormat = 1;
  let hasVerifier = 1;
}

def Mixer_PreviousOp : Mixer_TokenOp<"previous"> {
  let summary = "the value some tokens earlier";
  let description = [{
    Formula: `mixer.previous %x by 2 after %x0` is out[t] = x[t - 2], where t - 2 < 0 x0[L + t - 2], and 0 without `after`.

    Shapes: the result has x's dimensions; x0 those of x with L in place of T: the last L tokens before the first one.

    Constraints:
    - C1: x has B and T, and not R.
    - C2: `by` is from 1 to 15.
    - C3: x0 has the dimensions of x with L in place of T, and L, where it is known, is at least `by`.
  }];
  let arguments = (ins Mixer_TensorType:$input, Optional<Mixer_TensorType>:$after, I64Attr:$by);
  let results = (outs Mixer_TensorType:$result);
}

def Mixer_LastOp : Mixer_TokenOp<"last"> {
  let summary = "the last tokens, for the call that goes on";
  let description = [{
    Formula: `mixer.last %x after %x0` is out[i] = x[T - L + i], where T - L + i < 0 x0[T + i], and 0 without `after`. It is what
    `after` takes in a call that goes on where this one ends.

    Shapes: the result has x's dimensions with L in place of T, and so has x0.

    Constraints:
    - C1: x has B and T, and not R.
    - C2: x0 has the dimensions of the result.
  }];
  let arguments = (ins Mixer_TensorType:$input, Optional<Mixer_TensorType>:$after);
  let results = (outs Mixer_TensorType:$result);
}

def Mixer_ConvOp : Mixer_TokenOp<"conv"> {
  let summary = "short causal convolution over the tokens, of every channel by itself";
  let description = [{
    Formula: `mixer.conv %x by %w after %x0` is out[t] = sum over i < W of w[i] x[t - (W - 1) + i]: the last weight is that of the
    token itself. What is before the first token is as `mixer.previous` says.

    It stands for a `mixer.tap` and a `mixer.previous` for each weight, and a map; canonicalisation writes them down once W is
    known.

    Shapes: the result has x's dimensions; w has W and dimensions of x.

    Constraints:
    - C1: x has B and T, and not R.
    - C2: w has W, and besides dimensions of x without T.
    - C3: x0 is as in `mixer.previous`: L, where it is known, is at least W - 1.
    - C4: W, where it is known, is at most 16.
  }];
  let arguments = (ins Mixer_TensorType:$input, Mixer_TensorType:$weights, Optional<Mixer_TensorType>:$after);
  let results = (outs Mixer_TensorType:$result);
  let hasCanonicalizer = 1;
}

def Mixer_TapOp : Mixer_TokenOp<"tap"> {
  let summary = "one of the weights along W";
  let description = [{
    Formula: `mixer.tap %w at 2` is out[..] = w[.., 2, ..], 2 being the index along W.

    Constraints:
    - C1: w has W.
    - C2: the index is not negative, and below W where that is known.
  }];
  let arguments = (ins Mixer_TensorType:$weights, I64Attr:$at);
  let results = (outs Mixer_TensorType:$result);
}

def Mixer_RunningOp : Mixer_Op<"running", [Pure, AttrSizedOperandSegments, DeclareOpInterfaceMethods<InferTypeOpInterface>,
                                           DeclareOpInterfaceMethods<OpAsmOpInterface, ["getAsmResultNames"]>]> {
  let summary = "a sum or a maximum over the tokens so far";
  let description = [{
    Formula: for each batch entry, head and n, from the first token to the last one, whatever the direction of a recurrence,

    ```
    m_t = m_{t-1} + x_t                   sum
    m_t = max(m_{t-1} + decay_t, x_t)     max; decay_t = 0 where absent, and m_t = x_t where it is -inf
    ```

    with m_{-1} = `init`; where that is absent, 0 for a sum and -inf for a maximum. Results: m_t, m_{t-1}, and the m after the last token,
    which is `init` of a call that goes on.

    Shapes: the first two results have x's dimensions, the third one those without T, in init's order.

    Constraints:
    - C1: x has B and T, and besides dimensions of heads and N at most.
    - C2: decay goes with max.
    - C3: decay has dimensions of x.
    - C4: init has exactly the dimensions of x without T.

    Numerics: f32; a sum is as exact as its result is rounded, over any number of tokens of a call. NaN stays, in a maximum up to a decay
    of -inf.

    Example:

    ```mlir
    %m, %before, %mT = mixer.running max of %i, decay = %f, init = %m0
    %angle, %a, %aT  = mixer.running sum of %d
    ```
  }];
  let arguments = (ins Mixer_RunningKindAttr:$kind, Mixer_TensorType:$input, Optional<Mixer_TensorType>:$decay,
                       Optional<Mixer_TensorType>:$init);
  let results = (outs Mixer_TensorType:$value, Mixer_TensorType:$before, Mixer_TensorType:$last);
  let hasCustomAssemblyFormat = 1;
  let hasVerifier = 1;
}

#endif // MIXC_DIALECT_MIXER_MIXERTOKENOPS
