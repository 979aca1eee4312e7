// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Chains that do not depend on each other share barriers: both spans are computed before one, both factors written before the next, both
// products computed behind it. In the order of the program there would be a barrier between any two of them.
// RUN: mixer-opt %s --tile-to-gpu="arch=sm_80" | FileCheck %s

!g = memref<?x32xf32, strided<[?, ?], offset: ?>>
!x = memref<?x32xbf16, strided<[?, ?], offset: ?>>
#factor = affine_map<(i, j) -> (i, j)>
#level = affine_map<(i, j) -> (0, i, j)>
tile.program @p of @spec plan #mixer.algorithm<chunked, chunk = 16, operand = bf16> buffers [] {
  tile.kernel @k(%block: index, %B: index, %T: index, %splits: index, %span: index, %g: !g, %k: !x, %y: !g)
      attributes {grid = #tile.grid<blocks = 1>} {
    %zero = arith.constant dense<0.0> : tensor<16x16xf32>
    %e = tensor.empty() : tensor<16x32xbf16>
    %decay = tile.load %g[0, 0] dims [0, 1] limits [%T, 32] : !g -> tensor<16x32xf32>
    %keys = tile.load %k[0, 0] dims [0, 1] limits [%T, 32] : !x -> tensor<16x32xbf16>
    // CHECK: gpu_tile.spans %{{.*}} blocks [2] anchors [1]
    // CHECK-NOT: gpu_tile.barrier
    // CHECK: gpu_tile.spans %{{.*}} blocks [4] anchors [2]
    // CHECK: gpu_tile.barrier{{$}}
    // CHECK: gpu_tile.put
    // CHECK-NOT: gpu_tile.barrier
    // CHECK: gpu_tile.put
    // CHECK: gpu_tile.barrier{{$}}
    // CHECK: gpu_tile.contract
    // CHECK-NOT: gpu_tile.barrier
    // CHECK: gpu_tile.contract
    %near = tile.spans %decay blocks [2] anchors [1] : tensor<16x32xf32> -> tensor<1x16x32xf32>
    %a = linalg.generic {indexing_maps = [#factor, #level, #factor], iterator_types = ["parallel", "parallel"]}
        ins(%keys, %near : tensor<16x32xbf16>, tensor<1x16x32xf32>) outs(%e : tensor<16x32xbf16>) {
    ^bb0(%key: bf16, %s: f32, %old: bf16):
      %wide = arith.extf %key : bf16 to f32
      %f = arith.mulf %wide, %s : f32
      %n = arith.truncf %f : f32 to bf16
      linalg.yield %n : bf16
    } -> tensor<16x32xbf16>
    %first = linalg.contract indexing_maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (n, k)>, affine_map<(m, n, k) -> (m, n)>]
        ins(%keys, %a : tensor<16x32xbf16>, tensor<16x32xbf16>) outs(%zero : tensor<16x16xf32>) -> tensor<16x16xf32>
    %far = tile.spans %decay blocks [4] anchors [2] : tensor<16x32xf32> -> tensor<1x16x32xf32>
    %b = linalg.generic {indexing_maps = [#factor, #level, #factor], iterator_types = ["parallel", "parallel"]}
        ins(%keys, %far : tensor<16x32xbf16>, tensor<1x16x32xf32>) outs(%e : tensor<16x32xbf16>) {
    ^bb0(%key: bf16, %s: f32, %old: bf16):
      %wide = arith.extf %key : bf16 to f32
      %f = arith.mulf %wide, %s : f32
      %n = arith.truncf %f : f32 to bf16
      linalg.yield %n : bf16
    } -> tensor<16x32xbf16>
    %both = linalg.contract indexing_maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (n, k)>, affine_map<(m, n, k) -> (m, n)>]
        ins(%keys, %b : tensor<16x32xbf16>, tensor<16x32xbf16>) outs(%first : tensor<16x16xf32>) -> tensor<16x16xf32>
    tile.store %both, %y[0, 0] dims [0, 1] limits [%T, 16] : tensor<16x16xf32> -> !g
    tile.return
  }
}
