// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef MIXC_PASSES_GPUPASSES
#define MIXC_PASSES_GPUPASSES

include "mlir/Pass/PassBase.td"

def TileToGpu : Pass<"tile-to-gpu", "::mlir::ModuleOp"> {
  let summary = "place tile programs on a GPU: registers, shared memory, copies, barriers";
  let description = [{
    Input: tile programs. Output: in place of each, a `gpu_tile.program` of the same name.

    Results of contractions and what is computed from them element by element live in registers, in the
    accumulator layout of mma.m16n8; so does the state of the loop over chunks. Loaded operands go to
    swizzled shared memory by asynchronous copies; those that depend on the loop's counter only are issued
    `stages - 1` iterations ahead. Tiles of up to 1024 elements are computed one row a warp. What another
    thread needs passes through shared memory; buffers share space when their lifetimes do not overlap, and
    barriers are put where a thread could otherwise see old data. Warps and stages come from the plan.

    Steps, each of which takes what the one before it leaves:

    | step | takes | leaves |
    |---|---|---|
    | PrepareKernel, CheckKernel | any tile kernel | elementwise work as `linalg.generic`; nothing without a placement |
    | Placement | that | for each tile: shared memory or registers, its layout there |
    | Partition (`--tile-assign-roles`), of a family whose warps have roles | that | `gpu_tile.roles` and `gpu_tile.work` on the kernel and its ops |
    | ConvertKernel | that | a `gpu_tile.kernel`: buffers without offsets, barriers in shared memory, those of the block in roles |
    | CheckChannels (`--gpu-tile-check-channels`) | that | the same: roles can meet |
    | OrderByBarriers, in kernels without roles and in roles with memory of their own | that | ops in the order that needs the fewest barriers |
    | SharedMemory | that | an offset for each buffer, `shared_bytes` |
    | Barriers, in the same | that | barriers of the block, or of the role's groups |

    Under a plan of family = sm_90a the warps of a kernel with loops over chunks have roles (`gpu_tile.role`):
    `fetch`, `vectors`, `early`, `factors`, `compute` and `flush`, as `--tile-assign-roles` says. Each goes through the blocks, loops and chunks
    for itself, and meets the others at channels: rings of buffers in shared memory, each with barriers that say that a stage is full, and that
    it is empty again. A producer waits for an empty stage, fills it and says so; a consumer waits for a full one, reads it and releases it.
    Products are those of a warpgroup (`gpu_tile.wgmma`), which run on until they are read. A kernel without such a loop, or without tiles
    that can be fetched, has no roles.

    Numerics: bit-exact, but for the order of additions inside contractions and `tile.cumsum`.

    Fails when a kernel needs more shared memory than `arch` has, or holds an operation or a contraction that
    has no placement, and where `--tile-assign-roles` does.

    Example: test/passes/gpu/tile-to-gpu.mlir
  }];
  let options = [Option<"arch", "arch", "std::string", "\"sm_80\"", "GPU architecture: sm_80, sm_86, sm_89, sm_90 or later">];
  let dependentDialects = ["::mixc::gpu_tile::GpuTileDialect", "::mlir::arith::ArithDialect", "::mlir::linalg::LinalgDialect",
                           "::mlir::scf::SCFDialect"];
}

def TileAssignRoles : Pass<"tile-assign-roles", "::mlir::ModuleOp"> {
  let summary = "say which warps of a kernel for sm_90a do what";
  let description = [{
    Input: tile programs. Output: the same, and on each kernel whose plan is of family = sm_90a and that has loops over chunks with tiles that
    bulk copies can fetch, `gpu_tile.roles`, the table of its roles, and on the ops in them `gpu_tile.work`: which roles carry them out, and
    how what they compute gets to the others. `--tile-to-gpu` begins with this step; the pass shows what it decides.

    Every role takes what it can, in this order:
    - `fetch`: loads of the loop that a tensor map can describe and whose address follows from the chunk's number.
    - `factors`, where the plan has teams: all tiles that do not depend on what the loop carries and that others read, and what they are
      computed from; `vectors` and `early` have nothing left then. `fetch` is then of its warps, and there is no `flush`.
    - `vectors`: small loads, and small tiles that follow from them and are no factors of products.
    - `early`: products that do not depend on what the loop carries, what is computed from them, and what they are computed from, as far
      as it can be handed on in shared memory as an operand of products. What others need as well and cannot be handed on, both compute.
    - `flush`: stores that a tensor map can describe, each chunk's to elements of its own; `compute` hands the tiles over.
    - `compute`: all the rest of the loop, in an order that keeps the matrix units busy, and the tiles before and after it.

    Of several loops, a role goes through those in which it has work. What follows from the result of a loop is known to `compute` alone.
    Loops that hand over tiles of the same forms have the same channels; others have channels of their own.

    Fails when an op has no owner (an operation with effects before the first loop), when a role has no way to get a tile that it needs, when
    a load may read what the kernel has stored, or when a product is none that a warpgroup can compute.

    Example: test/passes/gpu/roles/fetch.mlir
  }];
  let dependentDialects = ["::mixc::gpu_tile::GpuTileDialect", "::mlir::arith::ArithDialect", "::mlir::linalg::LinalgDialect",
                           "::mlir::scf::SCFDialect"];
}

def GpuTileCheckChannels : Pass<"gpu-tile-check-channels", "::mlir::ModuleOp"> {
  let summary = "check that the roles of kernels can meet";
  let description = [{
    Input: `gpu_tile.program` ops. Output: the same. `--tile-to-gpu` checks what it makes in the same way.

    Fails where a kernel with roles would hang or compute something else on a GPU: a `gpu_tile.await` of barriers at which no other role
    arrives, a shared tile that is read and not written, or a `gpu_tile.put` of a tile that bulk copies or wgmma read, without a
    `gpu_tile.fence` before the thread arrives at a barrier or multiplies.

    Example: test/passes/gpu/roles/channels.mlir
  }];
}

def GpuTileToNvvm : Pass<"gpu-tile-to-nvvm", "::mlir::ModuleOp"> {
  let summary = "write out gpu_tile programs as NVVM kernels";
  let description = [{
    Input: `gpu_tile.program` ops. Output: in place of each, a `gpu.module` of the same name that holds
    `@dyn_smem` and one `llvm.func` per kernel, named `<program>__<kernel>`, of arith, scf, llvm and nvvm ops.

    Parameters: B, T, splits, span and what the call says of its sequences (`mixc/runtime/descriptor.h`) as i64, then for
    every memref its pointer and its strides in elements (i64). The grid is one-dimensional. The attributes `mixc.threads` and `mixc.shared_bytes` of a kernel say
    how to launch it.

    Numerics: exp2 and log2 are the hardware's approximations (2^-22 relative), log1p a polynomial
    (2^-23); products are contracted to fused multiply-adds; subnormal f32 values are flushed to zero.

    Fails when a body holds a math operation without a GPU form.

    Example: test/passes/gpu/gpu-tile-to-nvvm.mlir
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect", "::mlir::gpu::GPUDialect", "::mlir::LLVM::LLVMDialect",
                           "::mlir::NVVM::NVVMDialect", "::mlir::scf::SCFDialect"];
}

#endif // MIXC_PASSES_GPUPASSES
