// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef MIXC_DIALECT_TILE_TILEOPS
#define MIXC_DIALECT_TILE_TILEOPS

include "Tile.td"
include "mlir/Interfaces/FunctionInterfaces.td"
include "mlir/Interfaces/InferTypeOpInterface.td"
include "mlir/Interfaces/SideEffectInterfaces.td"
include "mlir/IR/RegionKindInterface.td"
include "mlir/IR/SymbolInterfaces.td"

//===--- Programs and kernels ---===//

def Tile_ProgramOp : Tile_Op<"program", [Symbol, SymbolTable, IsolatedFromAbove, NoTerminator, SingleBlock, NoRegionArguments]> {
  let summary = "the kernels of one plan of one spec";
  let description = [{
    Holds the kernels that together carry out `plan` for the spec `spec`, in launch order.
    `buffers` are the f32 workspace buffers that the kernels share; they follow the spec's tensors in every
    kernel's argument list. With `bands`, calls have any number of bands of heads, which all kernels are told (`tile.bands`).

    Constraints:
    - C1: every kernel has the same memref argument types (buffers included).
    - C2: without `bands`, no grid and no buffer has any.
  }];
  let arguments = (ins SymbolNameAttr:$sym_name, FlatSymbolRefAttr:$spec, AnyAttr:$plan,
                       TypedArrayAttrBase<Tile_BufferAttr, "workspace buffers">:$buffers, UnitAttr:$bands);
  let regions = (region SizedRegion<1>:$body);
  let assemblyFormat = "$sym_name `of` $spec `plan` $plan `buffers` $buffers attr-dict-with-keyword $body";
  let hasRegionVerifier = 1;
  let skipDefaultBuilders = 1;
  let builders = [OpBuilder<(ins "::llvm::StringRef":$name, "::llvm::StringRef":$spec, "::mlir::Attribute":$plan,
                                 "::llvm::ArrayRef<::mlir::Attribute>":$buffers)>];
}

def Tile_KernelOp : Tile_Op<"kernel", [FunctionOpInterface, IsolatedFromAbove]> {
  let summary = "what one block computes";
  let description = [{
    Arguments: five indices, `block` (this block's number), `B`, `T`, `splits`, `span` (tokens per split, a
    multiple of the chunk), then one strided memref per tensor of the spec (arguments, results) and per
    workspace buffer.

    Constraints:
    - C1: the first five arguments are indices, the others strided memrefs of floats with a dynamic offset, in the default memory space.
      Strides are dynamic for the caller's tensors and static, where they can be, for workspace buffers.
    - C2: no results; the body ends in `tile.return`.
    - C3: a tile has from 1 to 2^40 elements.
  }];
  let arguments = (ins SymbolNameAttr:$sym_name, TypeAttrOf<FunctionType>:$function_type, Tile_GridAttr:$grid,
                       DefaultValuedAttr<Tile_WhenAttr, "::mixc::tile::When::Always">:$when,
                       OptionalAttr<DictArrayAttr>:$arg_attrs, OptionalAttr<DictArrayAttr>:$res_attrs);
  let regions = (region SizedRegion<1>:$body);
  let hasCustomAssemblyFormat = 1;
  let hasVerifier = 1;
  let skipDefaultBuilders = 1;
  let builders = [OpBuilder<(ins "::llvm::StringRef":$name, "::mlir::TypeRange":$memrefs, "::mixc::tile::GridAttr":$grid,
                                 CArg<"::mixc::tile::When", "::mixc::tile::When::Always">:$when)>];
  let extraClassDeclaration = [{
    ::llvm::ArrayRef<::mlir::Type> getArgumentTypes() { return getFunctionType().getInputs(); }
    ::llvm::ArrayRef<::mlir::Type> getResultTypes() { return getFunctionType().getResults(); }
    ::mlir::Region *getCallableRegion() { return &getBody(); }
    /// The leading index arguments.
    static constexpr unsigned kBlock = 0, kBatch = 1, kLength = 2, kSplits = 3, kSpan = 4, kFirstMemref = 5;
  }];
}

def Tile_ReturnOp : Tile_Op<"return", [Pure, Terminator, ParentOneOf<["KernelOp"]>]> {
  let summary = "ends a kernel";
  let assemblyFormat = "attr-dict";
}

def Tile_PartOp : Tile_Op<"part", [Pure]> {
  let summary = "which of the block's parts this is";
  let description = [{
    A block may compute several parts at once, in groups of threads of their own: what depends on the part is done by
    each of them, what does not, such as a load of tiles that they share, once. 0 <= result < count.

    Constraints:
    - C1: `count` is positive and the same in all of a kernel.
  }];
  let arguments = (ins I64Attr:$count);
  let results = (outs Index:$part);
  let assemblyFormat = "`of` $count attr-dict";
  let hasVerifier = 1;
}

def Tile_SequenceOp : Tile_Op<"sequence", [MemoryEffects<[MemRead]>]> {
  let summary = "the sequence that a block works on: its tokens, its states, and which part of it";
  let description = [{
    A call has B sequences. Without a table they have T tokens each, and sequence b is at index b of the dimension B of all tensors. A table
    may say where sequences start in tensors whose tokens are packed one sequence behind the other, which states they read and write, and
    which of them start from zero or are padding.

    `batch` is the number of the sequence, `length` its number of tokens, `row` its index along B in tensors that have tokens: those of a
    packed call have the stride of a token along B, so that the index is that of its first token. `source` and `target` are the indices along
    B of the states that it reads and writes, -1 where it starts from zero and where its last state is not kept. Padding has no tokens and
    neither of the states.

    A sequence is cut in `parts` parts: segments of `span` tokens, or with `rows` parts of so many tokens. With `split`
    or `rows`, `number` counts the parts of all sequences one after the other, and `part` is that of the block; else it counts
    sequences, and `part` is 0. In a packed call some numbers have no part: theirs is `parts` or larger. What segments hand to each other has
    the indices `buffer` and `place` + its number along B and splits of workspace buffers.

    The table, with the kernel's parameters T, splits and span, gives for packed sequences that start at `starts[b]`:

        length = starts[b+1] - starts[b],   parts = max(1, ceil(length / tokens)),   number of part i = (starts[b] - starts[0]) / tokens + b + i

    where `tokens` is `rows`, or span, and the quotient is rounded down: no two parts have one number, and all are less than
    T / tokens + B. Where splits is 1 there is one part each, and its number is b, or that of b in the table's order.

    Constraints:
    - C1: `rows` is not negative, and 0 with `split`.
  }];
  let arguments = (ins Index:$number, UnitAttr:$split, DefaultValuedAttr<I64Attr, "0">:$rows);
  let results = (outs Index:$batch, Index:$part, Index:$parts, Index:$row, Index:$length, Index:$source, Index:$target, Index:$buffer,
                      Index:$place);
  let assemblyFormat = "$number (`split` $split^)? (`rows` $rows^)? attr-dict";
  let hasVerifier = 1;
}

def Tile_KeptOp : Tile_Op<"kept", [MemoryEffects<[MemRead]>]> {
  let summary = "where the state goes that a sequence has inside a call";
  let description = [{
    A call may ask for the states that its sequences have after every so many tokens. The result is the index along B of the state that
    takes that of sequence `batch` after its first `tokens` tokens, -1 where none does. Kernels ask for it behind each chunk; a call asks for
    states at ends of whole chunks only.
  }];
  let arguments = (ins Index:$batch, Index:$tokens);
  let results = (outs Index:$place);
  let assemblyFormat = "$batch `after` $tokens attr-dict";
}

def Tile_CopiedOp : Tile_Op<"copied", [Pure]> {
  let summary = "whether the call has copied the tokens and running values that it hands on";
  let description = [{
    What several blocks read of a pool, none of them may write before all have read. Where results of a call take the places of such
    arguments, a kernel of the program that is launched when `copied` stores those that the sequences begin with: there, results are the
    copies, whose index along B is the sequence's number. To the kernels after it the arguments are the copies.
  }];
  let results = (outs I1:$copied);
  let assemblyFormat = "attr-dict";
}

//===--- Stochastic rounding ---===//

def Tile_SeedOp : Tile_Op<"seed", [MemoryEffects<[MemRead]>]> {
  let summary = "the number that a call's random bits follow from";
  let description = [{
    The 64 bits that the call's `seed` points to (mixc_sequences), and whether it points to any; 0 where it does not.
  }];
  let results = (outs I1:$given, Index:$seed);
  let assemblyFormat = "attr-dict";
}

def Tile_StochasticRoundOp : Tile_Op<"stochastic_round", [Pure]> {
  let summary = "a number of 16 bits that is the given one on the average";
  let description = [{
    Rounds up or down to one of the neighbours in the result's type, `low <= |value| < low + ulp`:

        |result| = |value| - low >= (1 - bits / 2^16) ulp ? low + ulp : low
        bits     = 16 random ones: word `place` mod 4 of philox2x32_7(counter = place / 4, key = seed)

    So it is rounded up with a chance of (|value| - low) / ulp, and the mean over seeds is the value: updates that are smaller than half an ulp
    are not lost. What the type has is left as it is, NaN and infinities too; one ulp above the largest number is infinity.
    Of f16 numbers below 2^-14, parts of an ulp below 2^-16 are cut off.

    Philox with 2 words of 32 bits and 7 rounds (Salmon et al. 2011, the fewest that pass BigCrush) has no state: the bits follow from place
    and seed alone, on every machine and whichever thread computes an element. Four neighbours share one of its results. With `lo` and `hi`
    the halves of a word of 64 bits, the counter's high half is xor-ed with seed's, and

        7 times: product = 0xD256D193 * counter.lo,   counter = (hi(product) xor key xor counter.hi, lo(product)),   key += 0x9E3779B9

    where key begins with lo(seed).
  }];
  let arguments = (ins F32:$value, Index:$place, Index:$seed);
  let results = (outs AnyTypeOf<[BF16, F16]>:$result);
  let assemblyFormat = "$value `at` $place `seed` $seed attr-dict `:` type($result)";
}

//===--- Tensors ---===//

def Tile_ReverseOp : Tile_Op<"reverse", [Pure, AllTypesMatch<["source", "result"]>]> {
  let summary = "a tensor seen from the end of one dimension";
  let description = [{
    `result[.., i, ..] = source[.., length - 1 - i, ..]`, i being the index of dimension `dim`: the same memory, with a negative stride.
    Loads and stores of the result are as those of a tensor that the caller has passed so; a null pointer stays one.

    Constraints:
    - C1: `dim` is one of the source's, and dynamic are its stride and the offset.
  }];
  let arguments = (ins AnyStridedMemRef:$source, I64Attr:$dim, Index:$length);
  let results = (outs AnyStridedMemRef:$result);
  let assemblyFormat = "$source `dim` $dim `of` $length attr-dict `:` type($source)";
  let hasVerifier = 1;
}

def Tile_EarlierOp : Tile_Op<"earlier", [Pure, AllTypesMatch<["source", "result"]>]> {
  let summary = "a tensor moved up along one dimension, behind zeros";
  let description = [{
    `result[.., i, ..] = source[.., i - by, ..]` where i >= by, else 0; i is the index of dimension `dim`. So a tile of the result at
    token t holds the source's elements at t - by, and zeros for those before the first one.

    Constraints:
    - C1: `dim` is one of the source's, and `by` at least 1.
    - C2: all uses are tile.load along `dim`, or tile.steps with that `dim`.
  }];
  let arguments = (ins AnyStridedMemRef:$source, I64Attr:$dim, I64Attr:$by);
  let results = (outs AnyStridedMemRef:$result);
  let assemblyFormat = "$source `dim` $dim `by` $by attr-dict `:` type($source)";
  let hasVerifier = 1;
}

def Tile_StepsOp : Tile_Op<"steps", [Pure, AllTypesMatch<["source", "result"]>]> {
  let summary = "a tensor of tokens seen as one of their steps";
  let description = [{
    Every index of dimension `dim` counts as `count` steps:

        result[.., u, ..] = source[.., u / count, .., u mod count, ..]

    u being the index of `dim`, u / count rounded down, and u mod count that of the dimension `through`. Without `through`, a
    load repeats an element `count` times, and a store writes that of the last step alone.

    Constraints:
    - C1: `dim` and `through` are two of the source's dimensions, `count` is at least 1 and the size of `through`.
    - C2: all uses are tile.load and tile.store along `dim`, not along `through`, where their offset is 0; of a result of
      tile.earlier tile.load alone. Their offset along `dim` is
      a multiple of `count`; nothing checks that.
  }];
  let arguments = (ins AnyStridedMemRef:$source, I64Attr:$dim, I64Attr:$count, OptionalAttr<I64Attr>:$through);
  let results = (outs AnyStridedMemRef:$result);
  let assemblyFormat = "$source `dim` $dim `of` $count (`through` $through^)? attr-dict `:` type($source)";
  let hasVerifier = 1;
}

//===--- Work that blocks hand to each other ---===//

def Tile_BlocksOp : Tile_Op<"blocks", [Pure]> {
  let summary = "how many blocks the kernel's work is cut into";
  let results = (outs Index:$count);
  let assemblyFormat = "attr-dict";
}

def Tile_BandsOp : Tile_Op<"bands", [Pure]> {
  let summary = "how many bands of heads the call has";
  let description = [{
    The program says what one band needs: its blocks for each sequence, its entries in buffers. Where the program has `bands`, a call has that
    many times as much. Its tensors have the bands' heads, and the groups of those, side by side.

    Constraints:
    - C1: the program has `bands`.
  }];
  let results = (outs Index:$count);
  let assemblyFormat = "attr-dict";
  let hasVerifier = 1;
}

class Tile_FlagOp<string mnemonic> : Tile_Op<mnemonic, [MemoryEffects<[MemRead, MemWrite]>]> {
  let arguments = (ins AnyStridedMemRef:$flags, Variadic<Index>:$indices);
  let assemblyFormat = "$flags `[` $indices `]` attr-dict `:` type($flags)";
  let hasVerifier = 1;
}

def Tile_ReleaseOp : Tile_FlagOp<"release"> {
  let summary = "lets another block read what this one stored";
  let description = [{
    Raises the flag after all stores that come before it. A flag is an element of a workspace buffer that an earlier kernel of
    the program has set to zero; in a launch it is raised once (by each part that has its own indices).

    Constraints:
    - C1: f32 elements (the flag counts in their bits) and one index per dimension.
  }];
}

def Tile_AcquireOp : Tile_FlagOp<"acquire"> {
  let summary = "waits until another block has raised a flag";
  let description = [{
    What follows sees what the releasing block stored before `tile.release`. That block must have a lower number: blocks start
    in the order of their numbers, so it runs or has run.

    Constraints: C1 of `tile.release`.
  }];
}

//===--- Moving tiles ---===//

class Tile_TransferOp<string mnemonic, list<Trait> traits = []>
    : Tile_Op<mnemonic, !listconcat([AttrSizedOperandSegments], traits)> {
  code transferDecls = [{
    /// Offsets into every dimension of the memref, and the limits of every dimension of the tile.
    ::llvm::SmallVector<::mlir::OpFoldResult> getMixedOffsets() {
      return ::mlir::getMixedValues(getStaticOffsets(), getOffsets(), getContext());
    }
    ::llvm::SmallVector<::mlir::OpFoldResult> getMixedLimits() {
      return ::mlir::getMixedValues(getStaticLimits(), getLimits(), getContext());
    }
  }];
}

def Tile_LoadOp : Tile_TransferOp<"load", [DeclareOpInterfaceMethods<MemoryEffectsOpInterface>]> {
  let summary = "reads a tile; elements outside the limits are zero";
  let description = [{
    `tile[i0, i1, ..] = (i_k < limit_k for all k) ? source[offsets + sum_k i_k * unit(dims[k])] : 0`

    Tile dimension k runs along memref dimension `dims[k]`. `limits[k]` is the number of valid elements along
    it, counted from the offset; it may be larger than the tile or not positive. With `optional`, a null
    pointer reads as zeros. A float element type may differ from the memref's: the value is converted
    (exactly when widening, to nearest even when narrowing).

    A kernel may load what it has stored before: loads and stores of a tensor keep their order, where their offsets do not tell that they
    have no element in common. With `unstored` the program tells it: the kernel has stored none of the elements before, so that the load
    may run ahead of stores.

    Constraints:
    - C1: one offset per memref dimension, an operand for each dynamic one.
    - C2: one entry of `dims` and of `limits` per tile dimension, entries of `dims` distinct and in range, an operand for each
      dynamic limit.
    - C3: the tile's shape is static and its element type a float, as the memref's.
  }];
  let arguments = (ins AnyMemRef:$source, Variadic<Index>:$offsets, Variadic<Index>:$limits,
                       DenseI64ArrayAttr:$static_offsets, DenseI64ArrayAttr:$static_limits, DenseI64ArrayAttr:$dims,
                       UnitAttr:$optional, UnitAttr:$unstored);
  let results = (outs AnyStaticShapeTensor:$tile);
  let assemblyFormat = [{
    $source custom<DynamicIndexList>($offsets, $static_offsets) `dims` $dims
    `limits` custom<DynamicIndexList>($limits, $static_limits) (`optional` $optional^)? (`unstored` $unstored^)? attr-dict
    `:` type($source) `->` type($tile)
  }];
  let hasVerifier = 1;
  let builders = [OpBuilder<(ins "::mlir::Type":$tile, "::mlir::Value":$source, "::llvm::ArrayRef<::mlir::OpFoldResult>":$offsets,
                                 "::llvm::ArrayRef<int64_t>":$dims, "::llvm::ArrayRef<::mlir::OpFoldResult>":$limits,
                                 CArg<"bool", "false">:$optional)>];
  let extraClassDeclaration = transferDecls;
}

def Tile_StoreOp : Tile_TransferOp<"store", [DeclareOpInterfaceMethods<MemoryEffectsOpInterface>]> {
  let summary = "writes a tile; elements outside the limits are not written";
  let description = [{
    `dest[offsets + sum_k i_k * unit(dims[k])] = tile[i0, i1, ..]   where i_k < limit_k for all k`

    The mirror image of `tile.load`. With `optional`, a null pointer writes nothing.

    Constraints: C1 to C3 of `tile.load`.
  }];
  let arguments = (ins AnyStaticShapeTensor:$tile, AnyMemRef:$dest, Variadic<Index>:$offsets, Variadic<Index>:$limits,
                       DenseI64ArrayAttr:$static_offsets, DenseI64ArrayAttr:$static_limits, DenseI64ArrayAttr:$dims,
                       UnitAttr:$optional);
  let assemblyFormat = [{
    $tile `,` $dest custom<DynamicIndexList>($offsets, $static_offsets) `dims` $dims
    `limits` custom<DynamicIndexList>($limits, $static_limits) (`optional` $optional^)? attr-dict
    `:` type($tile) `->` type($dest)
  }];
  let hasVerifier = 1;
  let builders = [OpBuilder<(ins "::mlir::Value":$tile, "::mlir::Value":$dest, "::llvm::ArrayRef<::mlir::OpFoldResult>":$offsets,
                                 "::llvm::ArrayRef<int64_t>":$dims, "::llvm::ArrayRef<::mlir::OpFoldResult>":$limits,
                                 CArg<"bool", "false">:$optional)>];
  let extraClassDeclaration = transferDecls;
}

//===--- Recurrences inside a tile ---===//

def Tile_CumsumOp : Tile_Op<"cumsum", [Pure, AllTypesMatch<["input", "sums", "resets"]>]> {
  let summary = "running sum along the last dimension, with resets counted apart";
  let description = [{
    For a tile of base-2 log decays:

        resets[.., t] = |{ s <= t : input[.., s] < -150 }|
        sums[.., t]   = sum of input[.., s] over the s <= t after the last reset up to t

    A step below -150 has a factor of exactly 0 in f32 (2^-149 is the smallest number), minus infinity
    included: it is a reset. It adds 1 to the count, and the sum starts again at 0: what came before, NaN
    too, has no influence on what follows. The decay from s to t is `exp2(sums[t] - sums[s])` where the
    counts are equal and 0 elsewhere.

    Numerics: inclusive; the CPU adds in f64, the GPU in blocks of 16 steps. A difference has the rounding
    errors of sums that may be much larger: for factors that are rounded to 16 bits. `tile.lag` has none of that.
    Deterministic.

    Constraints:
    - C1: the element type is f32 and the rank at least 1.
  }];
  let arguments = (ins AnyStaticShapeTensor:$input);
  let results = (outs AnyStaticShapeTensor:$sums, AnyStaticShapeTensor:$resets);
  let assemblyFormat = "$input attr-dict `:` type($input)";
  let hasVerifier = 1;
}

def Tile_SpansOp : Tile_Op<"spans", [Pure]> {
  let summary = "sums of log decays between tokens and anchors of their blocks, for several sizes of blocks";
  let description = [{
    For each l the tokens are cut in blocks of `blocks[l]`, each with an anchor `anchors[l]` tokens after its start. With a the anchor of t's
    block:

        spans[l, t, n] = sum of input[u, n] over a <= u <= t    where t >= a, with `pre` over a <= u < t
        spans[l, t, n] = sum of input[u, n] over t < u < a      where t < a

    A step below -150 counts as minus infinity (`tile.cumsum` says why): `exp2` of a span that holds one is exactly 0. So the decay
    from s to t of two tokens of a block on either side of its anchor is `exp2(spans[t]) exp2(spans[s])`, two factors of at most 1; an
    anchor at 0 gives the decay from a block's start, one at `block` that to its end.

    Numerics: f32; every span is the sum of its own terms, not a difference of larger sums. Deterministic.

    Constraints:
    - C1: the elements are f32, the input has rank 2 and the spans a dimension of the blocks' sizes before its own.
    - C2: there is a size, each has an anchor, is positive and divides the tokens, and 0 <= anchor <= size.
  }];
  let arguments = (ins AnyStaticShapeTensor:$input, DenseI64ArrayAttr:$blocks, DenseI64ArrayAttr:$anchors, UnitAttr:$pre);
  let results = (outs AnyStaticShapeTensor:$spans);
  let assemblyFormat = "$input `blocks` $blocks `anchors` $anchors (`pre` $pre^)? attr-dict `:` type($input) `->` type($spans)";
  let hasVerifier = 1;
}

def Tile_LagOp : Tile_Op<"lag", [Pure, SameOperandsAndResultType]> {
  let summary = "running sum along the last dimension as a whole number and a fraction, for states with an exponent of their own";
  let description = [{
    A state S that is multiplied by 2^g at every step is kept as U = 2^-lag S: the whole part of the exponent multiplies U,
    by a power of two and so without rounding, and what is left, the lag, is added up. For a tile of base-2 log decays,
    with C[.., t] the sum of the last lag before (`before` + `beforeLow`, at the last index) and of the inputs up to t,
    or of those after the last reset (an input below -150) alone:

        level[.., t]  = floor(-C[.., t])
        lag[.., t]    = C[.., t] + level[.., t]                      in (-1, 0]
        factor[.., t] = 2^(level[.., t-1] - level[.., t]), 0 at a reset    with level[.., -1] = 0; 2^-126 at least
        low[.., t]    = what rounding to f32 has left of lag[.., t]
        resets[.., t] = number of resets up to t
        earlier[.., t] = lag[.., t-1]                                with lag[.., -1] = the lag before

    The decay from s to t is `exp2((lag[t] - lag[s]) + (level[s] - level[t]))` where the counts of resets are equal and 0
    elsewhere: whole numbers subtract without error, so differences are as exact after strong decays as after weak ones.
    Over any number of tiles the exponents add up exactly: no decay, however close to 1, is rounded alike at every step.

    Numerics: the CPU adds in f64, the GPU in fixed point with 40 bits after the point. Deterministic.

    Constraints:
    - C1: the element type is f32 and the rank at least 1.
  }];
  let arguments = (ins AnyStaticShapeTensor:$input, AnyStaticShapeTensor:$before, AnyStaticShapeTensor:$beforeLow);
  let results = (outs AnyStaticShapeTensor:$lag, AnyStaticShapeTensor:$low, AnyStaticShapeTensor:$level,
                      AnyStaticShapeTensor:$factor, AnyStaticShapeTensor:$resets, AnyStaticShapeTensor:$earlier);
  let assemblyFormat = "$input `after` $before `,` $beforeLow attr-dict `:` type($input)";
  let hasVerifier = 1;
}

def Tile_RunningSumOp : Tile_Op<"running_sum", [Pure, SameOperandsAndResultType]> {
  let summary = "running sum along the last dimension, which goes on from tile to tile";
  let description = [{
    With C[.., t] the sum of what there was before (`before` + `beforeLow`, at the last index) and of the inputs up to t:

        sums[.., t]    = C[.., t], rounded to f32
        low[.., t]     = what rounding has left of it, 0 where it is not finite
        earlier[.., t] = sums[.., t-1]                               with sums[.., -1] = `before` at the last index

    Numerics: both the CPU and the GPU add in f64; the GPU adds 32 steps in a tree. Deterministic.

    Constraints:
    - C1: the element type is f32 and the rank at least 1.
  }];
  let arguments = (ins AnyStaticShapeTensor:$input, AnyStaticShapeTensor:$before, AnyStaticShapeTensor:$beforeLow);
  let results = (outs AnyStaticShapeTensor:$sums, AnyStaticShapeTensor:$low, AnyStaticShapeTensor:$earlier);
  let assemblyFormat = "$input `after` $before `,` $beforeLow attr-dict `:` type($input)";
  let hasVerifier = 1;
}

def Tile_RunningMaxOp : Tile_Op<"running_max", [Pure, SameOperandsAndResultType]> {
  let summary = "running maximum along the last dimension, less a decay at each step, which goes on from tile to tile";
  let description = [{
        maxima[.., t]  = max(maxima[.., t-1] + decay[.., t], input[.., t])    input[.., t] alone where decay[.., t] = -inf
        earlier[.., t] = maxima[.., t-1]                                       with maxima[.., -1] = `before` at the last index

    NaN stays up to the next decay of -inf.

    Numerics: f32; the GPU adds the decays of 32 steps in a tree. Deterministic.

    Constraints:
    - C1: the element type is f32 and the rank at least 1.
  }];
  let arguments = (ins AnyStaticShapeTensor:$input, AnyStaticShapeTensor:$decay, AnyStaticShapeTensor:$before);
  let results = (outs AnyStaticShapeTensor:$maxima, AnyStaticShapeTensor:$earlier);
  let assemblyFormat = "$input `decay` $decay `after` $before attr-dict `:` type($input)";
  let hasVerifier = 1;
}

//===--- Values that are not finite ---===//
//
// A product with 0 keeps NaN and infinity, so that a matrix product spreads them over tokens that its zeros are to keep them from:
// earlier ones, and those after a reset. These ops state what a recurrence would do.

def Tile_GuardOp : Tile_Op<"guard", [Pure, AllTypesMatch<["x", "finite"]>, AllTypesMatch<["sums", "guarded"]>]> {
  let summary = "an operand without what is not finite, and the sums that it reaches marked instead";
  let description = [{
    For a product that adds x, over the tokens s <= t after the last reset up to t, to sums of what came before the tile; with `pre`, t stands
    for t - 1 here, before which there are no tokens and no resets:

        finite[s, h, p]  = |x[s, h, p]| < inf ? x[s, h, p] : 0
        guarded[h, p, t] = NaN where x[s, h, p] is not finite for some s <= t with resets[h, s] = resets[h, t],
                           else 0 where resets[h, t] > 0,
                           else sums[h, p, t]                   with `pre` sums[h, p, t] all the same

    Without `resets` there are none. `sums` must be 0, or not finite, after a reset: only NaN and infinity change there.

    Shapes: x [t, h, p], sums [h, p, t], resets [h, t].

    Constraints:
    - C1: the shapes agree; `sums` and `resets` hold f32, `x` floats.
  }];
  let arguments = (ins AnyStaticShapeTensor:$x, AnyStaticShapeTensor:$sums, Optional<AnyStaticShapeTensor>:$resets, UnitAttr:$pre);
  let results = (outs AnyStaticShapeTensor:$finite, AnyStaticShapeTensor:$guarded);
  let assemblyFormat = "$x `into` $sums (`since` $resets^ `:` type($resets))? (`pre` $pre^)? attr-dict `:` type($x) `,` type($sums)";
  let hasVerifier = 1;
}

def Tile_SinceResetOp : Tile_Op<"since_reset", [Pure, AllTypesMatch<["state", "result"]>]> {
  let summary = "a state without what a reset in the tile has forgotten";
  let description = [{
    For a state [h, p, n] that ends with a product over the tokens s of a tile: where the tile has a reset in head h,

        result[h, p, n] = sum of x[s, h, p] scale[h, s] b[s, n] over the s with resets[h, s] = resets[h, Q-1]

    and `state` elsewhere. `state` must be that sum, but for rounding, wherever it is finite: only NaN and infinity are computed
    again, which may come from tokens before the reset that a scale of 0 does not silence.

    Constraints:
    - C1: the shapes agree: x [s, h, p], scale and resets [h, s], b [s, n]; x and b hold floats, the others f32.
  }];
  let arguments = (ins AnyStaticShapeTensor:$state, AnyStaticShapeTensor:$x, AnyStaticShapeTensor:$scale, AnyStaticShapeTensor:$b,
                       AnyStaticShapeTensor:$resets);
  let results = (outs AnyStaticShapeTensor:$result);
  let assemblyFormat = [{
    $state `x` `=` $x `,` `scale` `=` $scale `,` `b` `=` $b `,` `resets` `=` $resets attr-dict
    `:` type($state) `,` type($x) `,` type($scale) `,` type($b) `,` type($resets)
  }];
  let hasVerifier = 1;
}

//===--- Triangular systems ---===//

def Tile_SolveOp : Tile_Op<"solve", [Pure]> {
  let summary = "solves a system with a unit lower triangular matrix: a delta rule's corrections within a tile";
  let description = [{
        result[t, h, p] = sums[h, p, t] + sum of matrix[h, t, s] result[s, h, p] over s < t

    Elements of the matrix with s >= t are not read, so that what is not finite reaches later tokens only.

    Shapes: matrix [h, t, s], sums [h, p, t], result [t, h, p]; all f32.

    Numerics: forward substitution in f32. Deterministic.

    Constraints:
    - C1: the shapes agree.
    - C2: every element type is f32.
  }];
  let arguments = (ins AnyStaticShapeTensor:$matrix, AnyStaticShapeTensor:$sums);
  let results = (outs AnyStaticShapeTensor:$result);
  let assemblyFormat = "$matrix `,` $sums attr-dict `:` type($matrix) `,` type($sums) `->` type($result)";
  let hasVerifier = 1;
}

//===--- Recurrences, token by token ---===//

def Tile_ScanOp : Tile_Op<"scan", [Pure, AttrSizedOperandSegments]> {
  let summary = "the recurrence itself, over the tokens of a tile";
  let description = [{
        S_q[h, n, p] = (decay[h, n, q] + excess[h, n, q]) S_{q-1}[h, n, p] + l[q, h, n] u_q[h, p] + b[q, h, n] x[q, h, p]
        u_q[h, p]    = sum_n r[q, h, n] S_{q-1}[h, n, p]
        y[q, h, p]   = sum_n c[q, h, n] S_q[h, n, p]         with `pre` of S_{q-1}
        y[q, h, n]   = sum_p c[q, h, p] S_q[h, n, p]         with `across`

    for q = 0 .. Q-1 from `init`; `state` is the state after the last token. Without `decay` the factor is 1, without `excess` it is
    `decay` alone, without `r` there is no correction. A decay of exactly 0 forgets the state entry, whatever that and the excess
    are: NaN does not survive it. The excess is multiplied and added to what comes anew before that meets the decayed state: with a power
    of two as the decay, it keeps the bits that one factor close to 1 would lose.
    With `associative`, the steps may be combined as the pairs (a, u) * (a', u') = (a a', a' u + u') in any
    bracketing, so that tokens run in parallel.

    Shapes: decay and excess [h, n, q], or [h, q] where all entries of a head have one, or [q, h, n, p] where the columns have their own,
    n being 1 where all entries of a column have one; x [q, h, p]; b, c, l and r [q, h, n], or [q, n] where all heads have one, or
    [q, h, n, p] where the columns have their own; init and state [h, n, p]; y [q, h, p]; all f32. With `across`, c is [q, h, p] and
    y [q, h, n].

    Constraints:
    - C1: the shapes agree.
    - C2: every element type is f32.
    - C3: `l` comes with `r`; `r` alone stands for l = -b.
    - C4: `associative` goes with no correction, a decay [h, q] without excess, b and c without columns, and the state after the token,
      read along its rows.
    - C5: `excess` comes with `decay`, and has its shape.
  }];
  let arguments = (ins Optional<AnyStaticShapeTensor>:$decay, Optional<AnyStaticShapeTensor>:$excess, AnyStaticShapeTensor:$x,
                       AnyStaticShapeTensor:$b, AnyStaticShapeTensor:$c, Optional<AnyStaticShapeTensor>:$l, Optional<AnyStaticShapeTensor>:$r,
                       AnyStaticShapeTensor:$init, UnitAttr:$associative, UnitAttr:$pre, UnitAttr:$across);
  let results = (outs AnyStaticShapeTensor:$y, AnyStaticShapeTensor:$state);
  let assemblyFormat = [{
    `x` `=` $x `,` `b` `=` $b `,` `c` `=` $c `,` (`decay` `=` $decay^ `:` type($decay) `,`)?
    (`excess` `=` $excess^ `:` type($excess) `,`)? (`l` `=` $l^ `:` type($l) `,`)?
    (`r` `=` $r^ `:` type($r) `,`)? `init` `=` $init (`associative` $associative^)? (`pre` $pre^)? (`across` $across^)? attr-dict
    `:` type($x) `,` type($b) `,` type($c) `,` type($init) `->` type($y) `,` type($state)
  }];
  let hasVerifier = 1;
}

#endif // MIXC_DIALECT_TILE_TILEOPS
