// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef MIXC_DIALECT_MIXER_MIXER
#define MIXC_DIALECT_MIXER_MIXER

include "mlir/IR/AttrTypeBase.td"
include "mlir/IR/EnumAttr.td"
include "mlir/IR/OpBase.td"

def Mixer_Dialect : Dialect {
  let name = "mixer";
  let cppNamespace = "::mixc::mixer";
  let summary = "what a sequence mixer computes: named dimensions, no layout, no loops";
  let description = [{
    A mixer is a recurrence over tokens with elementwise work around it. `mixer.spec` states it:

    ```mlir
    // y_t = sum over s <= t of (q_t . k_s) v_s
    mixer.spec @linear_attn(%q: [B,T,H,N] io, %k: [B,T,H,N] io, %v: [B,T,H,P] io) -> (%o: [B,T,H,P] io) {
      %qs = mixer.map(%q) { (q) -> q * rsqrt(N) }
      %o, %S = mixer.semiseparable x = %v, b = %k, c = %qs
      mixer.return %o
    }
    ```

    The recurrence is `mixer.semiseparable`, for each batch and head, with a state S of N x P numbers:

        S_t = (keep_t Diag(exp(decay_t)) + l_t r_t^T) S_{t-1} + b_t x_t^T
        y_t = c_t^T S_t    (read = pre: c_t^T S_{t-1})

    Around it stand `mixer.map` (elementwise), `mixer.sum`, `mixer.constant` and `mixer.index`, and for tokens before the one that is
    computed `mixer.previous`, `mixer.conv`, `mixer.tap` and `mixer.last`; `mixer.running` is a sum or a maximum over the tokens so far.
    `mixer.return` ends a spec.
    docs/spec-language.md teaches the language by examples, docs/support.md lists the forms that have an algorithm.

    Dimensions have names and ops work by name: B batch, T tokens, H heads, N state, P head dimension. G, Q, K and V are
    groups of heads: the heads of a group share one entry of a tensor, such as a key. Each divides H, and head h is in
    group h / (H / G). R are updates of the state a token, W
    the weights of a convolution over tokens, and L the last tokens that one call hands to the next. The order of the names matters only at the edge, where it is the order of the caller's array. B and T
    are known only at run time; the others are bound when compiling.

    Inside a spec no types are written on operands or results: all follow from the spec's arguments.
    Outside of a spec an operand carries its type, as in `%a: [B,T]`.
  }];
  let useDefaultAttributePrinterParser = 1;
  let useDefaultTypePrinterParser = 1;
  let dependentDialects = ["::mlir::arith::ArithDialect", "::mlir::math::MathDialect"];
  let extraClassDeclaration = [{
    /// For an op that there is not: an error that names the ones that there are.
    std::optional<ParseOpHook> getParseOperationHook(::llvm::StringRef name) const override;
  }];
}

//===--- Types ---===//

def Mixer_TensorType : TypeDef<Mixer_Dialect, "Tensor"> {
  let mnemonic = "tensor";
  let summary = "tensor with named dimensions";
  let description = [{
    `!mixer.tensor<[B,T,H,P] io>`: the dimensions by name, in the order of the caller's array, and whether the
    elements have the dtype chosen when compiling (`io`) or are f32. Mixer ops print it as `[B,T,H,P] io`.

    Constraints:
    - C1: the names are among B, T, H, G, Q, K, V, R, W, L, N, P.
    - C2: no name occurs twice.
    - C3: one of H, G, Q, K, V at most.
  }];
  let parameters = (ins ArrayRefParameter<"::mlir::StringAttr">:$dims, "bool":$io);
  let builders = [
    TypeBuilder<(ins "::llvm::ArrayRef<::mlir::StringAttr>":$dims)>,
    // One letter a dimension: "BTHP".
    TypeBuilder<(ins "::llvm::StringRef":$letters, CArg<"bool", "false">:$io)>,
  ];
  let hasCustomAssemblyFormat = 1;
  let genVerifyDecl = 1;
  let extraClassDeclaration = [{
    unsigned getRank() const { return getDims().size(); }
    bool hasDim(::llvm::StringRef dim) const { return indexOf(dim) >= 0; }
    /// Position of the dimension, -1 where absent.
    int64_t indexOf(::llvm::StringRef dim) const;
    /// H or the groups of heads that it has, or nothing where it has none.
    ::llvm::StringRef getHeadDim() const;
    /// One letter a dimension: "BTHP".
    std::string getLetters() const;
    /// The same dimensions, in any order.
    bool hasSameDims(TensorType other) const;
    /// "[B,T,H,P] io", as mixer ops print it.
    std::string getShortName() const;
  }];
}

//===--- Attributes ---===//

class Mixer_EnumAttr<EnumInfo info, string mnemonic> : EnumAttr<Mixer_Dialect, info, mnemonic> {
  let assemblyFormat = "`<` $value `>`";
}

class Mixer_Enum<string name, string summary, list<I32EnumAttrCase> cases> : I32EnumAttr<name, summary, cases> {
  let cppNamespace = "::mixc::mixer";
  let genSpecializedAttr = 0;
}

def Mixer_Algorithm : Mixer_Enum<"Algorithm", "how a semiseparable op is computed", [
  I32EnumAttrCase<"Quadratic", 0, "quadratic">,
  I32EnumAttrCase<"Scan", 1, "scan">,
  I32EnumAttrCase<"Chunked", 2, "chunked">]>;

def Mixer_Precision : Mixer_Enum<"Precision", "in what operands of f32 are multiplied by matrix units", [
  I32EnumAttrCase<"F32", 0, "f32">,
  I32EnumAttrCase<"TF32", 1, "tf32">]>;

def Mixer_Read : Mixer_Enum<"Read", "whether a token's output includes the token itself", [
  I32EnumAttrCase<"Post", 0, "post">,
  I32EnumAttrCase<"Pre", 1, "pre">]>;
def Mixer_ReadAttr : Mixer_EnumAttr<Mixer_Read, "read">;

def Mixer_Direction : Mixer_Enum<"Direction", "the order in which the tokens are visited", [
  I32EnumAttrCase<"Causal", 0, "causal">,
  I32EnumAttrCase<"Anticausal", 1, "anticausal">,
  I32EnumAttrCase<"Both", 2, "both">]>;
def Mixer_DirectionAttr : Mixer_EnumAttr<Mixer_Direction, "direction">;

def Mixer_RunningKind : Mixer_Enum<"RunningKind", "what a running value is of the tokens so far", [
  I32EnumAttrCase<"Sum", 0, "sum">,
  I32EnumAttrCase<"Max", 1, "max">]>;
def Mixer_RunningKindAttr : Mixer_EnumAttr<Mixer_RunningKind, "running">;

def Mixer_MachineKind : Mixer_Enum<"MachineKind", "kind of a machine", [
  I32EnumAttrCase<"CPU", 0, "cpu">,
  I32EnumAttrCase<"GPU", 1, "gpu">]>;

def Mixer_AlgorithmAttr : AttrDef<Mixer_Dialect, "Algorithm"> {
  let mnemonic = "algorithm";
  let summary = "one plan: the algorithm and all that its lowering needs";
  let description = [{
    Written by the select pass or by the user, never changed by a lowering:
    `#mixer.algorithm<chunked, chunk = 64, heads = 2, pblock = 64, operand = bf16, stages = 2, warps = 8>`.

    `mixc explain` and `mixc bench` call a plan by algorithm and `chunk`, as in chunked 64, and say what else it has.

    - `chunk`: tokens a chunk (chunked), tokens a block row (quadratic), tokens a step of the token loop (scan).
    - `heads`: heads a block computes.
    - `pblock`: columns of P a block computes; 0 = all.
    - `operand`: type of the operands of matrix products; accumulators are f32.
    - `precision`: f32: operands multiply as they are. tf32: those of f32 may be rounded to tf32 first, which keeps 10 of 23
      bits of the mantissa (GPU).
    - `stages`: chunks in flight between memory and the block (GPU).
    - `warps`: warps a block (GPU); of a family whose warps have roles, those that compute.
    - `associative`: scan in log steps instead of token by token.
    - `family`: whose code it is (mixc/passes/Family.h). portable: for every CPU, and every GPU from sm_80 on. sm_90a: its
      warps have roles; a warpgroup of four warps computes each part of a block, others fetch tiles and work ahead.
    - `parts`: of a block, which share the tiles of b and c; each computes `heads` heads and `pblock` columns of its own.
    - `pieces`: into so many the states of a segment are cut when a sequence is split: blocks of less work fill a GPU better.
    - `persistent`: where blocks have at most so many chunks, as many blocks as run at once do the work of all, one after the
      other (GPU, of a family whose warps have roles).
    - `teams`: of four warps, or four of two warps, which take turns at the chunks, fetch their tiles and compute all that does not
      depend on the state; 0: one warpgroup does, for every chunk, what products need (GPU, of a family whose warps have roles).
    - `rebalance`: whether roles that need few registers leave some to others; false: all keep what they get at launch (GPU, of a family
      whose warps have roles).

    Constraints:
    - C1: the numbers are not negative, `heads`, `stages` and `warps` above 0, and none is above its bound
      (mixc/runtime/limits.h): `chunk` 2^16, `heads` and `pblock` 2^20, `stages` 64, `warps` 32, `parts` and
      `pieces` 8, `persistent` 2^16, `teams` 4.
    - C2: `precision = tf32` goes with an operand of f32, and not with a scan, which uses no matrix units.
    - C3: `parts` and `pieces` above 1, `teams`, and `rebalance = false` go with the chunked algorithm.

    Whether there is such a family, and what else it wants of its plans, the passes check that lower them.
  }];
  let parameters = (ins
    EnumParameter<Mixer_Algorithm>:$algorithm,
    DefaultValuedParameter<"int64_t", "0">:$chunk,
    DefaultValuedParameter<"int64_t", "1">:$heads,
    DefaultValuedParameter<"int64_t", "0">:$pblock,
    DefaultValuedParameter<"::mlir::Type", "::mlir::Float32Type::get($_ctxt)">:$operand,
    DefaultValuedParameter<"::mixc::mixer::Precision", "::mixc::mixer::Precision::F32">:$precision,
    DefaultValuedParameter<"int64_t", "1">:$stages,
    DefaultValuedParameter<"int64_t", "4">:$warps,
    DefaultValuedParameter<"bool", "false">:$associative,
    StringRefParameter<"whose code it is", "\"portable\"">:$family,
    DefaultValuedParameter<"int64_t", "1">:$parts,
    DefaultValuedParameter<"int64_t", "1">:$pieces,
    DefaultValuedParameter<"int64_t", "0">:$persistent,
    DefaultValuedParameter<"int64_t", "0">:$teams,
    DefaultValuedParameter<"bool", "true">:$rebalance);
  let hasCustomAssemblyFormat = 1;
  let genVerifyDecl = 1;
}

def Mixer_TargetAttr : AttrDef<Mixer_Dialect, "Target"> {
  let mnemonic = "target";
  let summary = "machine description: a name, its kind and the numbers of the cost model";
  let description = [{
    `#mixer.target<"h100", gpu, {arch = "sm_90a", units = 132 : i64, copy_bandwidth = 3.0e12 : f64, ...}>`.
    The numbers are those of the files under targets/; mixc/runtime/cost.h says what each is.
  }];
  let parameters = (ins StringRefParameter<"name of the machine">:$name, EnumParameter<Mixer_MachineKind>:$kind,
                        "::mlir::DictionaryAttr":$numbers);
  let assemblyFormat = "`<` $name `,` $kind `,` $numbers `>`";
}

def Mixer_PlansAttr : TypedArrayAttrBase<Mixer_AlgorithmAttr, "plans">;

class Mixer_Op<string mnemonic, list<Trait> traits = []> : Op<Mixer_Dialect, mnemonic, traits>;

#endif // MIXC_DIALECT_MIXER_MIXER
