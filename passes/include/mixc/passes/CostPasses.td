// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef MIXC_PASSES_COSTPASSES
#define MIXC_PASSES_COSTPASSES

include "mlir/Pass/PassBase.td"

def TileCountWork : Pass<"tile-count-work", "::mixc::tile::KernelOp"> {
  let summary = "remarks with the work of a block, as the cost model counts it";
  let description = [{
    Input: tile kernels. Output: the same; two remarks at each kernel, of what a block does once and in each trip of the loop over tokens:

        matrix     flops of matrix products
        operands   bytes of products' operands that warps read from shared memory: of rows each warp has its own, of columns all
        scalar     other operations: one for each op of an elementwise body and element, half of one for a conversion between f32 and
                   16 bits; what `tile` ops do
        special    exponentials, logarithms and the like
        moved      bytes to and from the kernel's tensors and buffers, without those that a call may leave out

    Loops with constant bounds count as often as they run, a loop whose trips depend on the call in such a loop once, a branch as the
    one of its regions that does more.

    Numerics: changes nothing. Never fails.

    Example: test/passes/cost/count-work.mlir.
  }];
  let options = [Option<"warps", "warps", "int64_t", "0", "warps of a GPU block; 0: a CPU, whose products read no shared memory">];
}

#endif // MIXC_PASSES_COSTPASSES
