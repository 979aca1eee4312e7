// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// RUN: mixer-opt %s --tile-to-gpu=arch=sm_90a | FileCheck %s
// RUN: mixer-opt %s --tile-to-gpu=arch=sm_90a --gpu-tile-to-nvvm | FileCheck %s --check-prefix=NVVM
// The same with rows that another role computes, and with those of a tile that lies the other way round.
// RUN: sed 's/family = portable/family = sm_90a/; /^mixer.spec/,/^}/d' %S/../../tile/programs/tall_rows.mlir > %t.mlir
// RUN: mixer-opt %t.mlir --tile-to-gpu=arch=sm_90a | FileCheck %s --check-prefix=ROLES

// CHECK: gpu_tile.role "compute"
// CHECK: %[[ROWS:.*]] = gpu_tile.map deferred(%[[X:.*]]) maps {{.*}} : (!gpu_tile.shared<64x128xbf16, {{.*}}>) -> !gpu_tile.fragment<64x128xbf16, #gpu_tile.mma<rows = [1], cols = [0], warps = [4, 1]>>
// CHECK: gpu_tile.wgmma %[[ROWS]], %[[X]],
// Two tiles of 64 rows, and four steps of 16 tokens for each: the rows are four registers.
// NVVM-COUNT-8: nvvm.ldmatrix {{.*}} layout = #nvvm.mma_layout<col>
// NVVM-NOT: nvvm.ldmatrix
// NVVM-COUNT-8: wgmma.mma_async.sync.aligned.m64n128k16.f32.bf16.bf16 {{{.*}}}, {$128, $129, $130, $131}, $132
// ROLES: gpu_tile.role "early"
// ROLES: %[[Q:.*]] = gpu_tile.map deferred({{.*}} : (!gpu_tile.shared<128x64xbf16,
// ROLES: gpu_tile.wgmma %[[Q]],
// ROLES: gpu_tile.role "compute"
// ROLES: %[[W:.*]] = gpu_tile.map deferred({{.*}} : (!gpu_tile.shared<128x128xbf16,
// ROLES: gpu_tile.wgmma %[[W]],

// A product of 128 rows, which lie in memory: wgmma reads 64 of them there, a warp 16 of each, so they are read into registers first.
!x = memref<?x?x128xbf16, strided<[?, ?, ?], offset: ?>>
!o = memref<?x?xf32, strided<[?, ?], offset: ?>>
tile.program @p of @spec plan #mixer.algorithm<chunked, chunk = 64, operand = bf16, stages = 2, warps = 4, family = sm_90a> buffers [] {
  tile.kernel @rows(%block: index, %B: index, %T: index, %splits: index, %span: index, %x: !x, %o: !o) attributes {grid = #tile.grid<blocks = 1>} {
    %c0 = arith.constant 0 : index
    %c64 = arith.constant 64 : index
    %zero = arith.constant dense<0.0> : tensor<128x128xf32>
    %sum = scf.for %i = %c0 to %T step %c64 iter_args(%s = %zero) -> (tensor<128x128xf32>) {
      %a = tile.load %x[0, %i, 0] dims [1, 2] limits [64, 128] : !x -> tensor<64x128xbf16>
      %next = linalg.contract indexing_maps = [affine_map<(m, n, k) -> (k, m)>, affine_map<(m, n, k) -> (k, n)>, affine_map<(m, n, k) -> (m, n)>]
        ins(%a, %a : tensor<64x128xbf16>, tensor<64x128xbf16>) outs(%s : tensor<128x128xf32>) -> tensor<128x128xf32>
      scf.yield %next : tensor<128x128xf32>
    }
    tile.store %sum, %o[0, 0] dims [0, 1] limits [128, 128] : tensor<128x128xf32> -> !o
    tile.return
  }
}
