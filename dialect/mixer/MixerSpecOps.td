// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef MIXC_DIALECT_MIXER_MIXERSPECOPS
#define MIXC_DIALECT_MIXER_MIXERSPECOPS

include "Mixer.td"
include "mlir/IR/OpAsmInterface.td"
include "mlir/IR/SymbolInterfaces.td"
include "mlir/Interfaces/SideEffectInterfaces.td"

def Mixer_SpecOp : Mixer_Op<"spec", [Symbol, IsolatedFromAbove, SingleBlock,
    DeclareOpInterfaceMethods<OpAsmOpInterface, ["getAsmBlockArgumentNames"]>]> {
  let summary = "one mixer: its arguments, results and what it computes";
  let description = [{
    The arguments and results are the caller's arrays, by name. `optional` on an argument: a null pointer stands
    for zeros; on a result: it may be null and is then not written. `io` tensors have the dtype chosen when
    compiling; everything else is f32.

    After the results come, where they are known, `attributes {sizes = {H = 24, ...}, io = bf16, states = f16, target = ..., plans = [...], check_bounds, keep_states, stochastic_rounding}`:
    the bound sizes of H, G, Q, K, V, R, W, L, N, P, the dtype of `io` tensors (both by `--mixer-bind-shape`) and that of states of
    recurrences where it is another than declared (`mixc compile --state-dtype`), the machine and the
    algorithms to compile (both by `--mixer-select` or by the user), and whether calls are to check that decays keep the bounds that are
    declared for them (`mixc compile --check-bounds`), may keep states inside of sequences (`--keep-states`) and round states of 16 bits
    stochastically (`--stochastic-rounding`).

    With `free = "HG"` the sizes of the dimensions in it are those of a band of heads, and a call has any number of bands, side by side:
    `bands` of them, as far as the choice of algorithms is concerned. Bands have nothing in common but tensors without these dimensions.

    Constraints:
    - C1: as many names, optional marks and block arguments as types, and the block arguments have those types.
    - C2: the names of spec, arguments and results are C identifiers, the latter two all different.
    - C3: arguments and results are mixer tensors.
    - C4: `sizes` binds H, G, Q, K, V, R, W, L, N, P only, to sizes from 1 to 2^20, and G, Q, K and V divide H.
    - C5: `io` and `states` are f32, bf16 or f16.
    - C6: the body holds mixer ops only.
    - C7: the spec holds at most 1024 ops besides constants, those of its maps included.
    - C8: attributes are those ten, and others of a dialect (`name.attribute`); `plans` is not empty.
    - C9: `free` is H and some of G, Q, K and V, all of them bound; of those that it leaves out there is one group. `bands` is at least 1,
      and comes with it.

    Example: every file under mixers/.
  }];
  let arguments = (ins SymbolNameAttr:$sym_name, TypeAttrOf<FunctionType>:$function_type,
                       StrArrayAttr:$arg_names, StrArrayAttr:$result_names,
                       DenseBoolArrayAttr:$arg_optional, DenseBoolArrayAttr:$result_optional,
                       OptionalAttr<DictionaryAttr>:$sizes, OptionalAttr<TypeAttr>:$io, OptionalAttr<TypeAttr>:$states,
                       OptionalAttr<Mixer_TargetAttr>:$target, OptionalAttr<Mixer_PlansAttr>:$plans,
                       UnitAttr:$check_bounds, UnitAttr:$keep_states, UnitAttr:$stochastic_rounding,
                       OptionalAttr<StrAttr>:$free, OptionalAttr<I64Attr>:$bands);
  let regions = (region SizedRegion<1>:$bodyRegion);
  let hasCustomAssemblyFormat = 1;
  let hasVerifier = 1;
  let hasRegionVerifier = 1;
  let extraClassDeclaration = [{
    unsigned getNumArgs() { return getFunctionType().getNumInputs(); }
    unsigned getNumOutputs() { return getFunctionType().getNumResults(); }
    ::llvm::StringRef getArgName(unsigned i);
    ::llvm::StringRef getResultName(unsigned i);
    TensorType getArgType(unsigned i);
    TensorType getResultType(unsigned i);
    bool isArgOptional(unsigned i) { return getArgOptional()[i]; }
    bool isResultOptional(unsigned i) { return getResultOptional()[i]; }
    /// The bound size of a dimension other than B and T.
    std::optional<int64_t> getSize(::llvm::StringRef dim);
    /// Whether a call has any number of bands, and each has as many entries of the dimension as its size says.
    bool isFree(::llvm::StringRef dim) { return getFree() && dim.size() == 1 && getFree()->contains(dim); }
    /// Heads that belong to one group of each kind: what one block may compute.
    int64_t getHeadsOfOneGroup();
    /// Updates of the state a token: R where a recurrence has it, else 1.
    int64_t getUpdates();
    /// Whether a tensor with B and without T is what a sequence begins with, or leaves: a state, tokens before, a running value.
    bool isInitialState(unsigned arg);
    bool isFinalState(unsigned result);
    /// Of those, the ones of recurrences.
    bool isInitialStateOfRecurrence(unsigned arg);
    /// The argument that a result of last tokens, or last running values, goes on from: it has the same dimensions and type. None of others,
    /// and of several results that go on from one argument only the first has it.
    std::optional<unsigned> getHandedOn(unsigned result);
    bool isFinalStateOfRecurrence(unsigned result);
    /// Whether the result is a state, of a recurrence or a running value, that is rounded stochastically.
    bool isStochasticState(unsigned result);
    /// The element types of the caller's arrays; null of `io` tensors whose dtype is not bound.
    ::mlir::Type getArgElementType(unsigned i);
    ::mlir::Type getResultElementType(unsigned i);
    /// Whether some recurrence has a c over P.
    bool isReadAlongP();
    /// The bound dtype of `io` tensors, or null.
    ::mlir::Type getIoType();
    ReturnOp getReturn();
  }];
}

def Mixer_ReturnOp : Mixer_Op<"return", [Terminator, Pure, HasParent<"SpecOp">]> {
  let summary = "the results of a spec";
  let description = [{
    Constraints:
    - C1: one operand for each result of the spec.
    - C2: an operand has the dimensions of its result, in any order.
  }];
  let arguments = (ins Variadic<Mixer_TensorType>:$results);
  let hasCustomAssemblyFormat = 1;
  let hasVerifier = 1;
}

#endif // MIXC_DIALECT_MIXER_MIXERSPECOPS
