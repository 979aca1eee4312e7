// Kernels that --tile-to-gpu does not make, but the verifier allows.
// RUN: mixer-opt %s --gpu-tile-to-nvvm --split-input-file | FileCheck %s

// Rows of 64 bytes have the swizzle of 64 bytes, in shared memory as in the tensor map.
!x = memref<?x?x4x32xbf16, strided<[?, ?, ?, ?], offset: ?>>
!tile = !gpu_tile.shared<64x32xbf16, swizzle = 0>
gpu_tile.program @p of @spec plan "plan" buffers [] {
  // CHECK-LABEL: llvm.func @p__rows
  // CHECK-SAME: mixc.tensor_maps = [{box = array<i64: 1, 64, 1, 32>, swizzle = 64 : i32, tensor = 0 : i32}]
  gpu_tile.kernel @rows(%block: index, %B: index, %T: index, %splits: index, %span: index, %x: !x) attributes {grid = #tile.grid<blocks = 1>, threads = 128 : i32, shared_bytes = 8192 : i32, arch = "sm_90a"} {
    %c0 = arith.constant 0 : index
    %tile = gpu_tile.alloc at 0 : !tile
    %full = gpu_tile.mbarriers at 4096 arrivals 1 : !gpu_tile.mbarriers<1>
    gpu_tile.fetch %x[0, %block, 3, 0] dims [1, 3] limits [%T, 32] to %tile signals %full[%c0] : !x -> !tile, !gpu_tile.mbarriers<1>
    gpu_tile.return
  }
}

// -----

// What is widened to more than f32 is: a 16-bit input that comes in pairs, and one of f32.
!m = memref<?x?xbf16, strided<[?, ?], offset: ?>>
!f = !gpu_tile.fragment<16x16xbf16, #gpu_tile.mma<rows = [0], cols = [1], warps = [1, 1]>>
!w = !gpu_tile.fragment<16x16xf32, #gpu_tile.mma<rows = [0], cols = [1], warps = [1, 1]>>
gpu_tile.program @p of @spec plan "plan" buffers [] {
  // CHECK-LABEL: llvm.func @p__doubles
  gpu_tile.kernel @doubles(%block: index, %B: index, %T: index, %splits: index, %span: index, %x: !m) attributes {grid = #tile.grid<blocks = 1>, threads = 32 : i32, shared_bytes = 0 : i32, arch = "sm_80"} {
    %a = gpu_tile.load %x[0, 0] dims [0, 1] limits [16, 16] : !m -> !f
    %one = gpu_tile.constant 1.0 : !w
    // CHECK: %[[A:.*]] = arith.extf %{{.*}} : bf16 to f64
    // CHECK: %[[B:.*]] = arith.extf %{{.*}} : f32 to f64
    // CHECK: %[[SUM:.*]] = arith.addf %[[A]], %[[B]] fastmath<contract> : f64
    // CHECK: arith.truncf %[[SUM]] : f64 to f32
    %r = gpu_tile.map(%a, %one) maps [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i, j)>] : (!f, !w) -> !w {
    ^bb0(%p: bf16, %q: f32):
      %pd = arith.extf %p : bf16 to f64
      %qd = arith.extf %q : f32 to f64
      %s = arith.addf %pd, %qd : f64
      %n = arith.truncf %s : f64 to f32
      gpu_tile.yield %n : f32
    }
    gpu_tile.store %r to %x[0, 0] dims [0, 1] limits [16, 16] : !w -> !m
    gpu_tile.return
  }
}
