// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What kernels for sm_90a have beyond those for every GPU: roles of warps, barriers in shared memory, bulk copies by tensor maps,
// matrix products by warpgroups. Included by GpuTileOps.td.

//===--- Roles ---===//

def GpuTile_RoleOp : GpuTile_Op<"role", [SingleBlock, NoTerminator, ParentOneOf<["KernelOp", "RoleOp"]>]> {
  let summary = "what some warps of the block do";
  let description = [{
    `parts` groups of `warps` warps each, from warp `first` of the block on, run the body, group i with i as its argument.
    Fragments, barriers and thread numbers in the body are those of one group. With `single`, one thread of each group runs it.
    `registers` is what its threads have from then on (setmaxnreg); 0 leaves them what they got at launch. A role may be cut
    into further ones. Loops in it count from 0 up to less than 2^31.

    `own_bytes`: what the body allocates is of each group, and group i's lies i times as many bytes behind the first one's.

    Constraints:
    - C1: `warps` is a power of two and `first` a multiple of it.
    - C2: `registers` is 0 or a multiple of 8 from 24 to 256, given for whole warpgroups; 0 in a role of a role.
    - C3: the warps are of the kernel or the role around it, and those of no other role in it.
    - C4: `own_bytes` is a multiple of 16, not negative.
  }];
  let arguments = (ins StrAttr:$name, I32Attr:$first, I32Attr:$warps, DefaultValuedAttr<I32Attr, "1">:$parts,
                       DefaultValuedAttr<I32Attr, "0">:$registers, UnitAttr:$single, DefaultValuedAttr<I32Attr, "0">:$own_bytes);
  let regions = (region SizedRegion<1>:$body);
  let assemblyFormat = [{
    $name `first` $first `warps` $warps (`parts` $parts^)? (`registers` $registers^)? (`single` $single^)?
    (`own_bytes` $own_bytes^)? attr-dict-with-keyword $body
  }];
  let hasVerifier = 1;
}

def GpuTile_SingleOp : GpuTile_Op<"single", [SingleBlock, NoTerminator]> {
  let summary = "what one thread of a role's group does, while the others go on";
  let description = [{
    A thread of the group's last warp, whose other threads it meets before and behind. What it waits for, others may have told as one
    group.

    Constraints:
    - C1: it is in a role all of whose threads run the body.
    - C2: it has only scalars, `gpu_tile.slot`, `gpu_tile.await`, `gpu_tile.arrive`, `gpu_tile.expect`, `gpu_tile.fetch` and branches.
  }];
  let regions = (region SizedRegion<1>:$body);
  let assemblyFormat = "attr-dict-with-keyword $body";
  let hasVerifier = 1;
}

def GpuTile_BlockOp : GpuTile_Op<"block"> {
  let summary = "this block's number, or the one that it works on, read anew";
  let description = [{
    The kernel's first argument, or `of`, a block's number. What is computed from it here is not kept in registers from elsewhere. Numbers
    of blocks have 31 bits.
  }];
  let arguments = (ins Optional<Index>:$of);
  let results = (outs Index:$number);
  let assemblyFormat = "(`of` $of^)? attr-dict";
}

def GpuTile_GridOp : GpuTile_Op<"grid", [Pure]> {
  let summary = "how many blocks were launched";
  let description = [{
    In a kernel with this op they may be fewer than `tile.blocks` says, as many as run at once: a block does the work of the blocks
    of its own number, of that plus `gpu_tile.grid`, and so on, below `tile.blocks`. Each thread has 4 bytes at the end of the
    kernel's `shared_bytes` to keep such a number in.
  }];
  let results = (outs Index:$count);
  let assemblyFormat = "attr-dict";
}

//===--- Launches ---===//

def GpuTile_AwaitLaunchOp : GpuTile_Op<"await_launch"> {
  let summary = "waits until the launch before this one is complete, and lets the next one begin";
  let description = [{
    What comes before it runs beside the end of the launch before, and must not touch device memory
    (griddepcontrol; CUDA: programmatic dependent launch).

    Constraints:
    - C1: it is in a kernel, whose arch is sm_90 or later.
  }];
  let assemblyFormat = "attr-dict";
  let hasVerifier = 1;
}

//===--- Barriers in shared memory ---===//

def GpuTile_MbarriersOp : GpuTile_Op<"mbarriers"> {
  let summary = "makes barriers in shared memory, each of which completes a phase after `arrivals` arrivals";
  let description = [{
    The data that copies bring counts too (`gpu_tile.expect`). Usable after the next barrier of the block.

    Constraints:
    - C1: `offset` is -1 or a multiple of 8.
    - C2: `arrivals` is positive.
  }];
  let arguments = (ins DefaultValuedAttr<I64Attr, "-1">:$offset, I32Attr:$arrivals);
  let results = (outs GpuTile_MbarriersType:$barriers);
  let assemblyFormat = "(`at` $offset^)? `arrivals` $arrivals attr-dict `:` type($barriers)";
  let hasVerifier = 1;
}

def GpuTile_ArriveOp : GpuTile_Op<"arrive"> {
  let summary = "arrives once for each thread that runs it, after what the thread did before";
  let arguments = (ins GpuTile_MbarriersType:$barriers, Index:$index);
  let assemblyFormat = "$barriers `[` $index `]` attr-dict `:` type($barriers)";
}

def GpuTile_ExpectOp : GpuTile_Op<"expect"> {
  let summary = "arrives, and makes the phase wait for so many bytes of copies; by one thread";
  let arguments = (ins GpuTile_MbarriersType:$barriers, Index:$index, I32Attr:$bytes);
  let assemblyFormat = "$barriers `[` $index `]` `bytes` $bytes attr-dict `:` type($barriers)";
}

def GpuTile_AwaitOp : GpuTile_Op<"await"> {
  let summary = "waits until the phase of that parity (0 or 1, counted from 0) has completed";
  let arguments = (ins GpuTile_MbarriersType:$barriers, Index:$index, Index:$parity);
  let assemblyFormat = "$barriers `[` $index `]` `parity` $parity attr-dict `:` type($barriers)";
}

//===--- Bulk copies ---===//

def GpuTile_FetchOp : GpuTile_TransferOp<"fetch"> {
  let summary = "device memory to shared memory by a tensor map; by one thread";
  let description = [{
    As `tile.load`, into `dest`; elements outside the memref are zero, which is what the limits say of them. Completes on
    `barriers[index]`, of which `gpu_tile.expect` told the bytes. `reused`: others will read the same data, keep it in the cache.

    Constraints:
    - C1: C1 and C2 of `gpu_tile.copy`.
    - C2: the memref is an argument of the kernel with at most 5 dimensions, the last of which is the tile's last one; `dims` ascend.
    - C3: `dest` is a stage whose rows or panels are 32, 64 or 128 bytes, swizzled by the row, eight or a multiple of eight rows in each
      outer index; it has at most 256 elements along the other dimensions.
    - C4: where the memref is a `tile.reverse` of such an argument, its rows are what is reversed; they are copied one by one.
  }];
  let arguments = (ins AnyMemRef:$memref, Variadic<Index>:$offsets, Variadic<Index>:$limits,
                       DenseI64ArrayAttr:$static_offsets, DenseI64ArrayAttr:$static_limits, DenseI64ArrayAttr:$dims,
                       UnitAttr:$optional, GpuTile_SharedType:$dest, GpuTile_MbarriersType:$barriers, Index:$index, UnitAttr:$reused);
  let assemblyFormat = [{
    $memref custom<DynamicIndexList>($offsets, $static_offsets) `dims` $dims
    `limits` custom<DynamicIndexList>($limits, $static_limits) (`optional` $optional^)? `to` $dest
    `signals` $barriers `[` $index `]` (`reused` $reused^)? attr-dict `:` type($memref) `->` type($dest) `,` type($barriers)
  }];
}

def GpuTile_FlushOp : GpuTile_TransferOp<"flush"> {
  let summary = "shared memory to device memory by a tensor map; by one thread of the group";
  let description = [{
    As `tile.store`, from `source`. Runs on; `gpu_tile.drain` waits for it.

    Constraints: those of `gpu_tile.fetch`, `source` for `dest`, and
    - C4: `source` has whole panels.
  }];
  let arguments = (ins GpuTile_SharedType:$source, AnyMemRef:$memref, Variadic<Index>:$offsets, Variadic<Index>:$limits,
                       DenseI64ArrayAttr:$static_offsets, DenseI64ArrayAttr:$static_limits, DenseI64ArrayAttr:$dims,
                       UnitAttr:$optional);
  let assemblyFormat = [{
    $source `to` $memref custom<DynamicIndexList>($offsets, $static_offsets) `dims` $dims
    `limits` custom<DynamicIndexList>($limits, $static_limits) (`optional` $optional^)? attr-dict
    `:` type($source) `->` type($memref)
  }];
}

def GpuTile_DrainOp : GpuTile_Op<"drain"> {
  let summary = "waits until the group's flushes have read shared memory, or with `written` are complete";
  let arguments = (ins UnitAttr:$written);
  let assemblyFormat = "(`written` $written^)? attr-dict";
}

def GpuTile_FenceOp : GpuTile_Op<"fence"> {
  let summary = "makes this thread's writes to shared memory visible to bulk copies and wgmma, after the next barrier";
  let assemblyFormat = "attr-dict";
}

//===--- Matrix products by warpgroups ---===//

def GpuTile_WgmmaOp : GpuTile_Op<"wgmma", [AllTypesMatch<["accumulator", "result"]>]> {
  let summary = "gpu_tile.contract by the four warps of a warpgroup, asynchronously";
  let description = [{
    The result may be read, and the shared operands overwritten, after a `gpu_tile.wgmma_wait` that covers it.

    Constraints:
    - C1: the maps are as in `gpu_tile.contract`; shapes have one row, one column and one contracted dimension larger than 1. The columns
      may be several dimensions, in one order in rhs and result, where the contracted one is the last of rhs.
    - C2: the result's layout is mma with warps = [4, 1] and 64 rows or a multiple of it, its columns are at most 256; 64 rows
      where those of lhs are shared, of which each warp has 16 of every 64.
    - C3: a fragment lhs has the result's rows as rows, the contracted dimension as columns and warps = [4, 1], as C3 of `gpu_tile.contract`.
    - C4: operands are bf16 or f16, both the same; shared ones lie in rows or panels of 128 bytes, swizzled.
    - C5: the contracted dimension is a multiple of 16.
    - C6: the result is used by `gpu_tile.wgmma_wait` only.
  }];
  let arguments = (ins AnyType:$lhs, GpuTile_SharedType:$rhs, GpuTile_FragmentType:$accumulator, AffineMapArrayAttr:$indexing_maps);
  let results = (outs GpuTile_FragmentType:$result);
  let assemblyFormat = "$lhs `,` $rhs `,` $accumulator `maps` $indexing_maps attr-dict `:` type($lhs) `,` type($rhs) `->` type($result)";
  let hasVerifier = 1;
}

def GpuTile_WgmmaWaitOp : GpuTile_Op<"wgmma_wait", [AllTypesMatch<["product", "result"]>]> {
  let summary = "waits until at most `pending` products that the warpgroup began after `product` are under way";
  let description = [{
    Constraints:
    - C1: `pending` is not negative.
  }];
  let arguments = (ins GpuTile_FragmentType:$product, I32Attr:$pending);
  let results = (outs GpuTile_FragmentType:$result);
  let assemblyFormat = "$product `pending` $pending attr-dict `:` type($product)";
  let hasVerifier = 1;
}
