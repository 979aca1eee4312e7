// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef MIXC_DIALECT_MIXER_MIXERMAPOPS
#define MIXC_DIALECT_MIXER_MIXERMAPOPS

include "Mixer.td"
include "mlir/IR/OpAsmInterface.td"
include "mlir/Interfaces/InferTypeOpInterface.td"
include "mlir/Interfaces/SideEffectInterfaces.td"

defvar ResultNames = DeclareOpInterfaceMethods<OpAsmOpInterface, ["getAsmResultNames"]>;
defvar InferTypes = DeclareOpInterfaceMethods<InferTypeOpInterface>;

def Mixer_MapOp : Mixer_Op<"map", [Pure, IsolatedFromAbove, SingleBlock, InferTypes, ResultNames]> {
  let summary = "elementwise work that broadcasts by name";
  let description = [{
    Formula: out[i] = body(in_0[i], in_1[i], ...), every operand read at the dimensions that it has.

    The body is arith and math IR on one element each, written as an expression:

    ```
    expr   ::= `let` name `=` expr `in` expr | sum ((`<` | `<=` | `>` | `>=` | `==`) sum)?
    sum    ::= product ((`+` | `-`) product)*          product ::= unary ((`*` | `/`) unary)*
    unary  ::= `-` unary | number | `inf` | name | name `(` expr, ... `)` | `(` expr `)`
    ```

    A name is a parameter, a `let`, or H, G, Q, K, V, R, W, L, N, P for the size of that dimension. Functions: exp exp2 log log1p
    log2 pow sqrt rsqrt sin cos tanh abs sign min max clamp(x, low, high) sigmoid silu gelu softplus relu elu
    where(condition, then, else). Expressions nest up to 256 deep.
    A body that no expression states is printed as `body { ^bb0(...): ... }`, ordinary IR ending in `mixer.yield`.

    Shapes: the result has every dimension of an operand, in order of first appearance over the operands
    from the highest rank to the lowest. Operands over different groups of heads, or over groups and H, make one over H,
    which takes the place of the first of them: every head reads the entry of its group.

    Constraints:
    - C1: one body parameter for each operand.
    - C2: the body holds arith and math ops and `mixer.size`, on f32 and i1 scalars, at most 1024 besides constants.

    Numerics: f32, as written; operands of `io` dtype are widened first.
  }];
  let arguments = (ins Variadic<Mixer_TensorType>:$inputs);
  let results = (outs Mixer_TensorType:$result);
  let regions = (region SizedRegion<1>:$bodyRegion);
  let hasCustomAssemblyFormat = 1;
  let hasVerifier = 1;
  let hasRegionVerifier = 1;
  let hasCanonicalizer = 1;
  let skipDefaultBuilders = 1;
  let builders = [
    // The body is made by the callback, which returns the value to yield.
    OpBuilder<(ins "::mlir::ValueRange":$inputs,
      "::llvm::function_ref<::mlir::Value(::mlir::OpBuilder &, ::mlir::Location, ::mlir::ValueRange)>":$body)>,
  ];
  let extraClassDeclaration = [{
    YieldOp getYield();
  }];
}

def Mixer_YieldOp : Mixer_Op<"yield", [Terminator, Pure, HasParent<"MapOp">]> {
  let summary = "the value of a map's body";
  let arguments = (ins F32:$value);
  let assemblyFormat = "$value attr-dict `:` type($value)";
}

def Mixer_SizeOp : Mixer_Op<"size", [Pure, HasParent<"MapOp">]> {
  let summary = "the size of a dimension, in a map's body";
  let description = [{
    A constant once sizes are bound. Constraints:
    - C1: the dimension is H, G, Q, K, V, R, W, L, N or P (B and T are run-time values).
  }];
  let arguments = (ins StrAttr:$dim);
  let results = (outs F32:$result);
  let assemblyFormat = "$dim attr-dict `:` type($result)";
  let hasVerifier = 1;
}

def Mixer_IndexOp : Mixer_Op<"index", [Pure, InferTypes, ResultNames]> {
  let summary = "0, 1, 2, ... along a dimension";
  let description = [{
    `mixer.index H` is the tensor [H] that holds each head's number. Constraints:
    - C1: the dimension is H, G, Q, K, V, R, W, L, N or P.
  }];
  let arguments = (ins StrAttr:$dim);
  let results = (outs Mixer_TensorType:$result);
  let hasCustomAssemblyFormat = 1;
  let hasVerifier = 1;
}

def Mixer_ConstantOp : Mixer_Op<"constant", [Pure, ResultNames]> {
  let summary = "a tensor that holds one number";
  let description = [{
    `mixer.constant 1.0 : [B,T,H]`. Constraints:
    - C1: the type is not `io`.
  }];
  let arguments = (ins F32Attr:$value);
  let results = (outs Mixer_TensorType:$result);
  let hasCustomAssemblyFormat = 1;
  let hasVerifier = 1;
}

def Mixer_SumOp : Mixer_Op<"sum", [Pure, InferTypes, ResultNames]> {
  let summary = "sum over a dimension of one token";
  let description = [{
    Formula: `mixer.sum %a over N` is out[i] = sum over n of a[i, n], in f32.

    `mixer.sum %a over H in G` adds up the heads of each group: out[g] = sum over the heads h of group g of a[h], with G where a has H.

    Constraints:
    - C1: the dimension is H, G, Q, K, V, R, W, L, N or P.
    - C2: the operand has it.
    - C3: `in` stands behind a dimension of heads and names another one of groups.
    - C4: the number of groups divides that of the entries that are added up.
  }];
  let arguments = (ins Mixer_TensorType:$input, StrAttr:$dim, OptionalAttr<StrAttr>:$groups);
  let results = (outs Mixer_TensorType:$result);
  let extraClassDeclaration = [{
    /// Whether it adds up heads, or groups of them.
    bool isOverHeads() { return isHeadDim(getDim()); }
  }];
  let hasCustomAssemblyFormat = 1;
  let hasVerifier = 1;
}

#endif // MIXC_DIALECT_MIXER_MIXERMAPOPS
