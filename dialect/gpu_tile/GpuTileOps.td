// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef MIXC_DIALECT_GPU_TILE_GPU_TILE_OPS
#define MIXC_DIALECT_GPU_TILE_GPU_TILE_OPS

include "GpuTile.td"
include "tile/Tile.td"
include "mlir/Interfaces/FunctionInterfaces.td"
include "mlir/Interfaces/InferTypeOpInterface.td"
include "mlir/Interfaces/SideEffectInterfaces.td"
include "mlir/IR/RegionKindInterface.td"
include "mlir/IR/SymbolInterfaces.td"

//===--- Programs and kernels ---===//

def GpuTile_ProgramOp : GpuTile_Op<"program", [Symbol, SymbolTable, IsolatedFromAbove, NoTerminator, SingleBlock, NoRegionArguments]> {
  let summary = "the kernels of one plan of one spec, placed on a GPU";
  let arguments = (ins SymbolNameAttr:$sym_name, FlatSymbolRefAttr:$spec, AnyAttr:$plan, ArrayAttr:$buffers,
                       UnitAttr:$bands);
  let regions = (region SizedRegion<1>:$body);
  let assemblyFormat = "$sym_name `of` $spec `plan` $plan `buffers` $buffers attr-dict-with-keyword $body";
}

def GpuTile_KernelOp : GpuTile_Op<"kernel", [FunctionOpInterface, IsolatedFromAbove]> {
  let summary = "what the threads of one block do";
  let description = [{
    Arguments as those of `tile.kernel`. `threads` threads run it with `shared_bytes` of dynamic shared memory.

    Constraints:
    - C1: `threads` is a positive multiple of 32, at most 1024.
    - C2: every buffer lies inside `shared_bytes`, less 4 bytes a thread in a kernel with `gpu_tile.grid`, where it is a multiple of 4.
    - C3: arguments as those of `tile.kernel`, no results; the body ends in `gpu_tile.return`.
    - C4: no mma layout asks for more warps than the kernel, or a part of the role around it, has.
    - C5: its roles' warps have together at most the registers that the block gets at launch, a multiprocessor's 65536 in equal
      shares of a multiple of 8; setmaxnreg would wait for others for ever.
    - C6: its roles have at most 15 parts together, each of which has a barrier of the block's 16.
  }];
  let arguments = (ins SymbolNameAttr:$sym_name, TypeAttrOf<FunctionType>:$function_type, Tile_GridAttr:$grid,
                       DefaultValuedAttr<Tile_WhenAttr, "::mixc::tile::When::Always">:$when, I32Attr:$threads,
                       I32Attr:$shared_bytes, StrAttr:$arch,
                       OptionalAttr<DictArrayAttr>:$arg_attrs, OptionalAttr<DictArrayAttr>:$res_attrs);
  let regions = (region SizedRegion<1>:$body);
  let hasCustomAssemblyFormat = 1;
  let hasVerifier = 1;
  let hasRegionVerifier = 1;
  let extraClassDeclaration = [{
    ::llvm::ArrayRef<::mlir::Type> getArgumentTypes() { return getFunctionType().getInputs(); }
    ::llvm::ArrayRef<::mlir::Type> getResultTypes() { return getFunctionType().getResults(); }
    ::mlir::Region *getCallableRegion() { return &getBody(); }
  }];
}

def GpuTile_ReturnOp : GpuTile_Op<"return", [Pure, Terminator, ParentOneOf<["KernelOp"]>]> {
  let summary = "ends a kernel";
  let assemblyFormat = "attr-dict";
}

//===--- Shared memory ---===//

def GpuTile_AllocOp : GpuTile_Op<"alloc"> {
  let summary = "names a piece of the block's shared memory";
  let description = [{
    `offset` is in bytes, from the start of the dynamic shared memory; -1 before it is planned. Buffers whose
    lifetimes do not overlap may lie at the same place. Inside of a role with `own_bytes` it is of each group.

    Constraints:
    - C1: `offset` is -1 or a multiple of 16.
  }];
  let arguments = (ins DefaultValuedAttr<I64Attr, "-1">:$offset);
  let results = (outs GpuTile_SharedType:$buffer);
  let assemblyFormat = "(`at` $offset^)? attr-dict `:` type($buffer)";
  let hasVerifier = 1;
}

def GpuTile_SlotOp : GpuTile_Op<"slot", [Pure]> {
  let summary = "one stage of a buffer";
  let description = [{
    Constraints:
    - C1: the result's type is the buffer's with one stage.
  }];
  let arguments = (ins GpuTile_SharedType:$buffer, Index:$stage);
  let results = (outs GpuTile_SharedType:$slot);
  let assemblyFormat = "$buffer `[` $stage `]` attr-dict `:` type($buffer) `->` type($slot)";
  let hasVerifier = 1;
}

def GpuTile_BarrierOp : GpuTile_Op<"barrier"> {
  let summary = "waits until all threads of the block, or with `warp` of the warp, have arrived";
  let description = "What they wrote to shared memory before is then visible to all of them.";
  let arguments = (ins UnitAttr:$warp);
  let assemblyFormat = "(`warp` $warp^)? attr-dict";
}

def GpuTile_CommitOp : GpuTile_Op<"commit"> {
  let summary = "closes a group of asynchronous copies";
  let assemblyFormat = "attr-dict";
}

def GpuTile_WaitOp : GpuTile_Op<"wait"> {
  let summary = "waits until at most `pending` of this thread's groups of copies are under way";
  let description = [{
    Constraints:
    - C1: `pending` is not negative.
  }];
  let arguments = (ins I32Attr:$pending);
  let assemblyFormat = "$pending attr-dict";
  let hasVerifier = 1;
}

//===--- Device memory ---===//

class GpuTile_TransferOp<string mnemonic, list<Trait> traits = []>
    : GpuTile_Op<mnemonic, !listconcat([AttrSizedOperandSegments], traits)> {
  code transferDecls = [{
    ::llvm::SmallVector<::mlir::OpFoldResult> getMixedOffsets() {
      return ::mlir::getMixedValues(getStaticOffsets(), getOffsets(), getContext());
    }
    ::llvm::SmallVector<::mlir::OpFoldResult> getMixedLimits() {
      return ::mlir::getMixedValues(getStaticLimits(), getLimits(), getContext());
    }
  }];
  let extraClassDeclaration = transferDecls;
  let hasVerifier = 1;
}

def GpuTile_CopyOp : GpuTile_TransferOp<"copy"> {
  let summary = "device memory to shared memory, asynchronously where alignment allows";
  let description = [{
    As `tile.load`, into `dest`. 16-byte asynchronous copies are used if at run time the pointer, every
    stride and the offset allow it, single elements otherwise; the data is there after a `commit`, a `wait`
    that covers it and a barrier.

    Constraints:
    - C1: one offset per memref dimension, one entry of `dims` and of `limits` per tile dimension, an operand for each dynamic
      one; the entries of `dims` are distinct and in range.
    - C2: memref and tile have the same element type.
  }];
  let arguments = (ins AnyMemRef:$memref, Variadic<Index>:$offsets, Variadic<Index>:$limits,
                       DenseI64ArrayAttr:$static_offsets, DenseI64ArrayAttr:$static_limits, DenseI64ArrayAttr:$dims,
                       UnitAttr:$optional, GpuTile_SharedType:$dest);
  let assemblyFormat = [{
    $memref custom<DynamicIndexList>($offsets, $static_offsets) `dims` $dims
    `limits` custom<DynamicIndexList>($limits, $static_limits) (`optional` $optional^)? `to` $dest attr-dict
    `:` type($memref) `->` type($dest)
  }];
}

def GpuTile_WriteOp : GpuTile_TransferOp<"write"> {
  let summary = "shared memory to device memory";
  let description = [{
    As `tile.store`, from `source`; 16 bytes at a time where alignment allows. With `strips` each of so many warps writes its own part of
    the last dimension, a strip, and no other thread need wait for what a warp has put into its strip.

    Constraints: C1 and C2 of `gpu_tile.copy`, and
    - C3: `strips` is 0 or the number of warps around it, and cuts the last dimension into multiples of 16 bytes.
  }];
  let arguments = (ins GpuTile_SharedType:$source, AnyMemRef:$memref, Variadic<Index>:$offsets, Variadic<Index>:$limits,
                       DenseI64ArrayAttr:$static_offsets, DenseI64ArrayAttr:$static_limits, DenseI64ArrayAttr:$dims,
                       UnitAttr:$optional, DefaultValuedAttr<I32Attr, "0">:$strips);
  let assemblyFormat = [{
    $source `to` $memref custom<DynamicIndexList>($offsets, $static_offsets) `dims` $dims
    `limits` custom<DynamicIndexList>($limits, $static_limits) (`optional` $optional^)? (`strips` $strips^)? attr-dict
    `:` type($source) `->` type($memref)
  }];
}

def GpuTile_LoadOp : GpuTile_TransferOp<"load"> {
  let summary = "device memory to registers";
  let description = [{
    As `tile.load`; every thread reads its own elements.

    Constraints:
    - C1: as C1 of `gpu_tile.copy`.
    - C2: the memref's elements are f32, bf16 or f16.
  }];
  let arguments = (ins AnyMemRef:$memref, Variadic<Index>:$offsets, Variadic<Index>:$limits,
                       DenseI64ArrayAttr:$static_offsets, DenseI64ArrayAttr:$static_limits, DenseI64ArrayAttr:$dims,
                       UnitAttr:$optional);
  let results = (outs GpuTile_FragmentType:$fragment);
  let assemblyFormat = [{
    $memref custom<DynamicIndexList>($offsets, $static_offsets) `dims` $dims
    `limits` custom<DynamicIndexList>($limits, $static_limits) (`optional` $optional^)? attr-dict
    `:` type($memref) `->` type($fragment)
  }];
}

def GpuTile_StoreOp : GpuTile_TransferOp<"store"> {
  let summary = "registers to device memory";
  let description = [{
    As `tile.store`; every thread writes its own elements.

    Constraints:
    - C1: as C1 of `gpu_tile.copy`.
    - C2: the memref's elements are f32, bf16 or f16.
  }];
  let arguments = (ins GpuTile_FragmentType:$fragment, AnyMemRef:$memref, Variadic<Index>:$offsets, Variadic<Index>:$limits,
                       DenseI64ArrayAttr:$static_offsets, DenseI64ArrayAttr:$static_limits, DenseI64ArrayAttr:$dims,
                       UnitAttr:$optional);
  let assemblyFormat = [{
    $fragment `to` $memref custom<DynamicIndexList>($offsets, $static_offsets) `dims` $dims
    `limits` custom<DynamicIndexList>($limits, $static_limits) (`optional` $optional^)? attr-dict
    `:` type($fragment) `->` type($memref)
  }];
}

//===--- Fragments ---===//

def GpuTile_ConstantOp : GpuTile_Op<"constant", [Pure]> {
  let summary = "a fragment of equal elements";
  let arguments = (ins F32Attr:$value);
  let results = (outs GpuTile_FragmentType:$fragment);
  let assemblyFormat = "$value attr-dict `:` type($fragment)";
}

def GpuTile_MapOp : GpuTile_Op<"map", [SingleBlock]> {
  let summary = "a fragment computed element by element";
  let description = [{
    `result[i] = body(operand_k[map_k(i)] ..)`

    A fragment operand lies in the same threads: its map carries its rows, columns and outer dimensions to
    those of the result. A shared operand may be read anywhere. With `deferred`, the elements are computed
    where they are used, tile by tile, which keeps them out of registers.

    The elements of the inputs numbered in `ascending` ascend along their last dimension: where a row's first equals its last,
    so do all, which is found out once.

    Constraints:
    - C1: one map per operand, from the result's dimensions to the operand's, without symbols: sums and multiples of dimensions that stay
      within the operand's shape.
    - C2: a fragment operand's layout agrees with the result's under its map.
    - C3: the body has one argument per operand and yields the result's element type.
    - C4: a `deferred` result is used in the same block: one of mma layout by maps, contractions and `gpu_tile.put`, another by
      `gpu_tile.scan`.
    - C5: `ascending` numbers inputs.
  }];
  let arguments = (ins Variadic<AnyType>:$inputs, AffineMapArrayAttr:$indexing_maps, UnitAttr:$deferred,
                       DefaultValuedAttr<DenseI64ArrayAttr, "{}">:$ascending);
  let results = (outs GpuTile_FragmentType:$result);
  let regions = (region SizedRegion<1>:$body);
  let assemblyFormat = "(`deferred` $deferred^)? `(` $inputs `)` `maps` $indexing_maps (`ascending` $ascending^)? attr-dict `:` functional-type($inputs, $result) $body";
  let hasVerifier = 1;
  let hasRegionVerifier = 1;
}

def GpuTile_IndexOp : GpuTile_Op<"index", [Pure, ParentOneOf<["MapOp"]>]> {
  let summary = "the element's position along one dimension of the result";
  let description = [{
    Constraints:
    - C1: the result has that dimension.
  }];
  let arguments = (ins I64Attr:$dim);
  let results = (outs Index:$index);
  let assemblyFormat = "$dim attr-dict";
  let hasVerifier = 1;
}

def GpuTile_YieldOp : GpuTile_Op<"yield", [Pure, Terminator, ParentOneOf<["MapOp"]>]> {
  let summary = "the element's value";
  let arguments = (ins AnyType:$value);
  let assemblyFormat = "$value attr-dict `:` type($value)";
}

def GpuTile_ContractOp : GpuTile_Op<"contract", [AllTypesMatch<["accumulator", "result"]>]> {
  let summary = "matrix product on the matrix units";
  let description = [{
    `result = accumulator + sum over the contracted dimension of lhs * rhs`

    `lhs` supplies the rows of the result, from registers or shared memory, `rhs` the columns, from shared
    memory. 16-bit operands multiply as they are. f32 operands are each split in two of tf32, a = hi + lo with hi the nearest to a:

        lhs * rhs ~ hi(lhs) * hi(rhs) + hi(lhs) * lo(rhs) + lo(lhs) * hi(rhs)

    What is left out is below 2^-21 of the product. The three are added up over at most 32 steps of the contracted dimension by the
    matrix units, which cut sums off, and then to the accumulator with rounding to nearest. With `tf32` they are rounded to
    tf32 instead, to nearest: one product.

    Constraints:
    - C1: three maps of distinct dimensions, for lhs, rhs and result; exactly one dimension is contracted.
    - C2: the result's layout is mma, its columns come from rhs only, its rows from lhs (or, but for the innermost, from both).
    - C3: a fragment lhs has the result's rows as rows, the contracted dimension as columns, and one column part.
    - C4: element types agree: f32, bf16 or f16 operands, f32 result.
    - C5: the contracted dimension is a multiple of 16.
    - C6: a dimension has one size in all operands.
    - C7: `tf32` goes with f32 operands.
  }];
  let arguments = (ins AnyType:$lhs, GpuTile_SharedType:$rhs, GpuTile_FragmentType:$accumulator, AffineMapArrayAttr:$indexing_maps,
                       UnitAttr:$tf32);
  let results = (outs GpuTile_FragmentType:$result);
  let assemblyFormat = "$lhs `,` $rhs `,` $accumulator `maps` $indexing_maps (`tf32` $tf32^)? attr-dict `:` type($lhs) `,` type($rhs) `->` type($result)";
  let hasVerifier = 1;
}

def GpuTile_PutOp : GpuTile_Op<"put"> {
  let summary = "registers to shared memory";
  let description = [{
    Dimension d of `dest` is dimension `perm[d]` of the fragment.

    Constraints:
    - C1: `perm` is a permutation that carries the fragment's shape to the destination's.
    - C2: the element types agree.
  }];
  let arguments = (ins GpuTile_FragmentType:$fragment, GpuTile_SharedType:$dest, DenseI64ArrayAttr:$perm);
  let assemblyFormat = "$fragment `to` $dest `perm` $perm attr-dict `:` type($fragment) `->` type($dest)";
  let hasVerifier = 1;
}

def GpuTile_CumsumOp : GpuTile_Op<"cumsum", [AllTypesMatch<["input", "sums", "resets"]>]> {
  let summary = "as `tile.cumsum`, by shuffles inside the warp that holds the row";
  let description = [{
    Sums run over 16 steps at a time; the sums of such blocks are added in order. Neither goes past a reset.

    Constraints:
    - C1: the layout is lanes and all dimensions but the last are rows.
    - C2: elements are f32.
  }];
  let arguments = (ins GpuTile_FragmentType:$input);
  let results = (outs GpuTile_FragmentType:$sums, GpuTile_FragmentType:$resets);
  let assemblyFormat = "$input attr-dict `:` type($input)";
  let hasVerifier = 1;
}

def GpuTile_SumOp : GpuTile_Op<"sum"> {
  let summary = "sums of a tile in registers along dimensions, to shared memory";
  let description = [{
    `dest[i] = sum of fragment over dims`, or `dest[w, i]` the share of warp w of it

    A thread adds up what it has, in order, and then lanes exchange their sums by shuffles: what the lanes of a row have, and where rows are
    summed what the groups of a warp have. The shares of warps are added up where they are read.

    Constraints:
    - C1: the layout is pieces, elements are f32.
    - C2: `dims` ascend, leave at least one dimension, and are the last of the row dimensions, or the last dimension, or both.
    - C3: where rows are summed, those of one sum are a multiple of the groups of lanes, or there is one sum of rows.
    - C4: `dest` has the dimensions that are left, behind one of the warps where rows are summed, and elements of f32.
  }];
  let arguments = (ins GpuTile_FragmentType:$fragment, GpuTile_SharedType:$dest, DenseI64ArrayAttr:$dims);
  let assemblyFormat = "$fragment `to` $dest `dims` $dims attr-dict `:` type($fragment) `->` type($dest)";
  let hasVerifier = 1;
}

def GpuTile_LagOp : GpuTile_Op<"lag", [SameOperandsAndResultType]> {
  let summary = "as `tile.lag`, by shuffles inside the warp that holds the row";
  let description = [{
    Sums are 64-bit integers in units of 2^-40: exact in any order. Constraints: C1 and C2 of `gpu_tile.cumsum`.
  }];
  let arguments = (ins GpuTile_FragmentType:$input, GpuTile_FragmentType:$before, GpuTile_FragmentType:$beforeLow);
  let results = (outs GpuTile_FragmentType:$lag, GpuTile_FragmentType:$low, GpuTile_FragmentType:$level,
                      GpuTile_FragmentType:$factor, GpuTile_FragmentType:$resets, GpuTile_FragmentType:$earlier);
  let assemblyFormat = "$input `after` $before `,` $beforeLow attr-dict `:` type($input)";
  let hasVerifier = 1;
}

def GpuTile_RunningSumOp : GpuTile_Op<"running_sum", [SameOperandsAndResultType]> {
  let summary = "as `tile.running_sum`, by shuffles inside the warp that holds the row";
  let description = [{
    Sums of f64 run over 32 steps at a time. Constraints: C1 and C2 of `gpu_tile.cumsum`.
  }];
  let arguments = (ins GpuTile_FragmentType:$input, GpuTile_FragmentType:$before, GpuTile_FragmentType:$beforeLow);
  let results = (outs GpuTile_FragmentType:$sums, GpuTile_FragmentType:$low, GpuTile_FragmentType:$earlier);
  let assemblyFormat = "$input `after` $before `,` $beforeLow attr-dict `:` type($input)";
  let hasVerifier = 1;
}

def GpuTile_RunningMaxOp : GpuTile_Op<"running_max", [SameOperandsAndResultType]> {
  let summary = "as `tile.running_max`, by shuffles inside the warp that holds the row";
  let description = [{
    Maxima, and the decays that they are less by, run over 32 steps at a time. Constraints: C1 and C2 of `gpu_tile.cumsum`.
  }];
  let arguments = (ins GpuTile_FragmentType:$input, GpuTile_FragmentType:$decay, GpuTile_FragmentType:$before);
  let results = (outs GpuTile_FragmentType:$maxima, GpuTile_FragmentType:$earlier);
  let assemblyFormat = "$input `decay` $decay `after` $before attr-dict `:` type($input)";
  let hasVerifier = 1;
}

def GpuTile_SpansOp : GpuTile_Op<"spans"> {
  let summary = "as `tile.spans`, from shared memory to shared memory, a column a thread";
  let description = [{
    Constraints:
    - C1: the shapes are those of `tile.spans`, with elements of f32 and one stage; so are `blocks` and `anchors`.
  }];
  let arguments = (ins GpuTile_SharedType:$input, GpuTile_SharedType:$spans, DenseI64ArrayAttr:$blocks, DenseI64ArrayAttr:$anchors,
                       UnitAttr:$pre);
  let assemblyFormat = [{
    $input `to` $spans `blocks` $blocks `anchors` $anchors (`pre` $pre^)? attr-dict `:` type($input) `->` type($spans)
  }];
  let hasVerifier = 1;
}

def GpuTile_ColumnSpansOp : GpuTile_Op<"column_spans", [Pure]> {
  let summary = "as `tile.spans`, in the registers of the threads that have the columns";
  let description = [{
    Constraints:
    - C1: the shapes are those of `tile.spans`, both layouts are columns, the elements f32; so are `blocks` and `anchors`.
  }];
  let arguments = (ins GpuTile_FragmentType:$input, DenseI64ArrayAttr:$blocks, DenseI64ArrayAttr:$anchors, UnitAttr:$pre);
  let results = (outs GpuTile_FragmentType:$spans);
  let assemblyFormat = "$input `blocks` $blocks `anchors` $anchors (`pre` $pre^)? attr-dict `:` type($input) `->` type($spans)";
  let hasVerifier = 1;
}

def GpuTile_SolveOp : GpuTile_Op<"solve"> {
  let summary = "as `tile.solve`, from shared memory to shared memory, a column a thread";
  let description = [{
    Blocks of 16 tokens are solved in registers; those before them are read once more for each.

    Constraints:
    - C1: shapes matrix [h, t, s], sums [h, t, p] and result [t, h, p] agree, elements are f32, and there is one stage.
    - C2: the tokens are a multiple of 16.
  }];
  let arguments = (ins GpuTile_SharedType:$matrix, GpuTile_SharedType:$sums, GpuTile_SharedType:$result);
  let assemblyFormat = "$matrix `,` $sums `to` $result attr-dict `:` type($matrix) `,` type($sums) `->` type($result)";
  let hasVerifier = 1;
}

//===--- Values that are not finite ---===//

def GpuTile_NotFiniteOp : GpuTile_Op<"not_finite", [Pure]> {
  let summary = "whether a thread of the warp has an element that is not finite";
  let description = [{
    One multiplication by 0 a register, and a vote: what follows from it is in a branch that is not taken but for such values.
  }];
  let arguments = (ins GpuTile_FragmentType:$fragment);
  let results = (outs I1:$any);
  let assemblyFormat = "$fragment attr-dict `:` type($fragment)";
}

def GpuTile_GuardOp : GpuTile_Op<"guard", [AttrSizedOperandSegments, AllTypesMatch<["x", "finite"]>, AllTypesMatch<["sums", "guarded"]>]> {
  let summary = "as `tile.guard`, in a branch that is taken where `any` holds or the tile has a reset";
  let description = [{
    `any` must hold where x[s, h, p] is not finite for a row (h, p) of which the warp holds x or sums. `rows` is x in shared memory; without,
    the tile has no reset, and the threads that hold a row of x hold that of the sums.

    Constraints:
    - C1: the shapes agree with `tile.guard`'s, and `rows` has x's element type.
    - C2: x and the sums have mma layouts, the sums elements of f32.
    - C3: without `rows` there are no `resets`, x's layout has rows (h, p), or p, and columns s, that of the sums the same rows and columns t,
      both with warps = [n, 1].
  }];
  let arguments = (ins GpuTile_FragmentType:$x, GpuTile_FragmentType:$sums, Optional<GpuTile_SharedType>:$rows,
                       Optional<GpuTile_SharedType>:$resets, I1:$any, UnitAttr:$pre);
  let results = (outs GpuTile_FragmentType:$finite, GpuTile_FragmentType:$guarded);
  let assemblyFormat = [{
    $x `into` $sums (`by` $rows^ `:` type($rows))? (`since` $resets^ `:` type($resets))? `if` $any (`pre` $pre^)? attr-dict
    `:` type($x) `,` type($sums)
  }];
  let hasVerifier = 1;
}

def GpuTile_SinceResetOp : GpuTile_Op<"since_reset", [AllTypesMatch<["state", "result"]>]> {
  let summary = "as `tile.since_reset`, element by element where the tile has a reset";
  let description = [{
    Constraints:
    - C1: the shapes agree with `tile.since_reset`'s.
    - C2: an mma layout and elements of f32.
  }];
  let arguments = (ins GpuTile_FragmentType:$state, GpuTile_SharedType:$x, GpuTile_SharedType:$scale, GpuTile_SharedType:$b,
                       GpuTile_SharedType:$resets);
  let results = (outs GpuTile_FragmentType:$result);
  let assemblyFormat = [{
    $state `x` `=` $x `,` `scale` `=` $scale `,` `b` `=` $b `,` `resets` `=` $resets attr-dict
    `:` type($state) `,` type($x) `,` type($scale) `,` type($b) `,` type($resets)
  }];
  let hasVerifier = 1;
}

//===--- Recurrences, token by token ---===//

/// In shared memory, or in registers.
def AnyTile : AnyTypeOf<[GpuTile_SharedType, GpuTile_FragmentType]>;

def GpuTile_ScanOp : GpuTile_Op<"scan", [AttrSizedOperandSegments]> {
  let summary = "as `tile.scan`, with the state in registers";
  let description = [{
    The state [h, n, p] is laid out by `lanes<rows = 2>`: rows (h, n) over warps, p over lanes. Every warp
    writes its share of y, summed over its own n, to `partials` [share, q, h, p]; y is the sum of the shares.
    With `across`, a warp adds up what its lanes have of a row, and one share [1, q, h, n] is all.
    Shares of u = r^T S are exchanged through `exchange` [turn, share, h, p], two turns, and a barrier a token.
    With `associative` and n = p = 1, tokens run over lanes and share is 1.
    Operands that the columns have their own of may be deferred maps of shared tiles, whose elements are computed where the state needs
    them; the others are shared tiles.

    Constraints:
    - C1: the shapes agree with `tile.scan`'s, the state has `init`'s type, and elements are f32.
    - C2: the layout is `lanes<rows = 2>`; the rows of a warp lie in one head, or whole heads in one warp.
    - C3: there are as many shares as warps that hold rows of one head; with `across` one.
    - C4: `l` comes with `r`, and `r` with `exchange` where there are several shares; `excess` comes with `decay`.
    - C5: an operand in registers is a deferred map, and its inputs are shared tiles.
  }];
  let arguments = (ins Optional<AnyTile>:$decay, Optional<AnyTile>:$excess, GpuTile_SharedType:$x,
                       AnyTile:$b, AnyTile:$c, Optional<AnyTile>:$l, Optional<AnyTile>:$r,
                       GpuTile_FragmentType:$init, GpuTile_SharedType:$partials, Optional<GpuTile_SharedType>:$exchange,
                       UnitAttr:$associative, UnitAttr:$pre, UnitAttr:$across);
  let results = (outs GpuTile_FragmentType:$state);
  let assemblyFormat = [{
    `x` `=` $x `,` `b` `=` $b `,` `c` `=` $c `,` (`decay` `=` $decay^ `:` type($decay) `,`)?
    (`excess` `=` $excess^ `:` type($excess) `,`)? (`l` `=` $l^ `:` type($l) `,`)? (`r` `=` $r^ `:` type($r) `,`)? `init` `=` $init
    `partials` $partials (`exchange` $exchange^ `:` type($exchange))? (`associative` $associative^)? (`pre` $pre^)?
    (`across` $across^)? attr-dict `:` type($x) `,` type($b) `,` type($c) `,` type($init) `,` type($partials) `->` type($state)
  }];
  let hasVerifier = 1;
}

include "WarpgroupOps.td"

#endif // MIXC_DIALECT_GPU_TILE_GPU_TILE_OPS
