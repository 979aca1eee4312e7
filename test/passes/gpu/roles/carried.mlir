// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What the loop carries is read by `compute`, also where it is a tile that was fetched for the teams; and a constant may be an operand.
// RUN: mixer-opt %s --split-input-file --tile-to-gpu="arch=sm_90a" | FileCheck %s
// RUN: mixer-opt %s --split-input-file --tile-to-gpu="arch=sm_90a" --gpu-tile-to-nvvm -o /dev/null

// The stages of the decays are told to be empty by a team and by `compute`, whom the barrier counts. There are as many more as there are
// teams, so that a team's next chunk is on its way while it works on this one.
// CHECK-LABEL: gpu_tile.kernel @main
// CHECK: gpu_tile.mbarriers at {{.*}} arrivals 256 : <4>
// CHECK: role "factors"
// CHECK: role "compute"
// CHECK: %[[SLOT:.*]] = gpu_tile.slot {{.*}} : <16x128xf32, swizzle = 0, stages = 4, panel = 32>
// CHECK: gpu_tile.map(%[[SLOT]])

// CHECK-LABEL: gpu_tile.kernel @main
// CHECK: %[[ONES:.*]] = gpu_tile.constant 1.000000e+00 : <16x16xbf16
// CHECK: gpu_tile.put %[[ONES]] to
// CHECK-NEXT: gpu_tile.fence
!x = memref<?x?x128xbf16, strided<[?, ?, ?], offset: ?>>
!v = memref<?x?x64xbf16, strided<[?, ?, ?], offset: ?>>
!g = memref<?x?x128xf32, strided<[?, ?, ?], offset: ?>>
!s = memref<?x64x128xf32, strided<[?, ?, ?], offset: ?>>
#mk = affine_map<(m, n, k) -> (m, k)>
#nk = affine_map<(m, n, k) -> (n, k)>
#km = affine_map<(m, n, k) -> (k, m)>
#kn = affine_map<(m, n, k) -> (k, n)>
#mn = affine_map<(m, n, k) -> (m, n)>
#id = affine_map<(i, j) -> (i, j)>
tile.program @p of @spec plan #mixer.algorithm<chunked, chunk = 16, operand = bf16, stages = 2, family = sm_90a, teams = 2> buffers [] {
  tile.kernel @main(%block: index, %B: index, %T: index, %splits: index, %span: index, %k: !x, %v: !v, %g: !g, %o: !v, %s: !s, %sc: !g) attributes {grid = #tile.grid<blocks = 1>} {
    %c0 = arith.constant 0 : index
    %c16 = arith.constant 16 : index
    %zero = arith.constant dense<0.0> : tensor<64x128xf32>
    %zg = arith.constant dense<0.0> : tensor<16x128xf32>
    %none = arith.constant dense<0.0> : tensor<64x16xf32>
    %empty = arith.constant dense<0.0> : tensor<16x16xf32>
    %unit = arith.constant dense<1.0> : tensor<1x16x16xf32>
    %end:2 = scf.for %i = %c0 to %T step %c16 iter_args(%S = %zero, %L = %zg) -> (tensor<64x128xf32>, tensor<16x128xf32>) {
      %left = arith.subi %T, %i : index
      %gt = tile.load %g[0, %i, 0] dims [1, 2] limits [%left, 128] : !g -> tensor<16x128xf32>
      %kt = tile.load %k[0, %i, 0] dims [1, 2] limits [%left, 128] : !x -> tensor<16x128xbf16>
      %vt = tile.load %v[0, %i, 0] dims [1, 2] limits [%left, 64] : !v -> tensor<16x64xbf16>
      %ef = tensor.empty() : tensor<16x128xf32>
      %e = tensor.empty() : tensor<16x128xbf16>
      %falls = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]} ins(%gt : tensor<16x128xf32>) outs(%ef : tensor<16x128xf32>) {
      ^bb0(%a: f32, %old: f32):
        %n = arith.negf %a : f32
        linalg.yield %n : f32
      } -> tensor<16x128xf32>
      %spans = tile.spans %falls blocks [16] anchors [0] : tensor<16x128xf32> -> tensor<1x16x128xf32>
      %factor = linalg.generic {indexing_maps = [#id, affine_map<(i, j) -> (0, i, j)>, #id], iterator_types = ["parallel", "parallel"]}
          ins(%kt, %spans : tensor<16x128xbf16>, tensor<1x16x128xf32>) outs(%e : tensor<16x128xbf16>) {
      ^bb0(%a: bf16, %d: f32, %old: bf16):
        %wide = arith.extf %a : bf16 to f32
        %p = math.exp2 %d : f32
        %f = arith.mulf %wide, %p : f32
        %n = arith.truncf %f : f32 to bf16
        linalg.yield %n : bf16
      } -> tensor<16x128xbf16>
      %scores = linalg.contract indexing_maps = [#mk, #nk, #mn] ins(%factor, %factor : tensor<16x128xbf16>, tensor<16x128xbf16>) outs(%empty : tensor<16x16xf32>) -> tensor<16x16xf32>
      %em = tensor.empty() : tensor<1x16x16xf32>
      %matrix = linalg.generic {indexing_maps = [affine_map<(h, i, j) -> (i, j)>, affine_map<(h, i, j) -> (h, i, j)>], iterator_types = ["parallel", "parallel", "parallel"]}
          ins(%scores : tensor<16x16xf32>) outs(%em : tensor<1x16x16xf32>) {
      ^bb0(%a: f32, %old: f32):
        linalg.yield %a : f32
      } -> tensor<1x16x16xf32>
      %solved = tile.solve %matrix, %unit : tensor<1x16x16xf32>, tensor<1x16x16xf32> -> tensor<16x1x16xf32>
      %ew = tensor.empty() : tensor<16x16xbf16>
      %inverse = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, 0, j)>, #id], iterator_types = ["parallel", "parallel"]}
          ins(%solved : tensor<16x1x16xf32>) outs(%ew : tensor<16x16xbf16>) {
      ^bb0(%a: f32, %old: bf16):
        %n = arith.truncf %a : f32 to bf16
        linalg.yield %n : bf16
      } -> tensor<16x16xbf16>
      %narrow = arith.truncf %S : tensor<64x128xf32> to tensor<64x128xbf16>
      %read = linalg.contract indexing_maps = [#mk, #nk, #mn] ins(%narrow, %factor : tensor<64x128xbf16>, tensor<16x128xbf16>) outs(%none : tensor<64x16xf32>) -> tensor<64x16xf32>
      %y = linalg.contract indexing_maps = [#km, #nk, #mn] ins(%vt, %inverse : tensor<16x64xbf16>, tensor<16x16xbf16>) outs(%read : tensor<64x16xf32>) -> tensor<64x16xf32>
      tile.store %y, %o[0, %i, 0] dims [2, 1] limits [64, %left] : tensor<64x16xf32> -> !v
      %next = linalg.contract indexing_maps = [#km, #kn, #mn] ins(%vt, %factor : tensor<16x64xbf16>, tensor<16x128xbf16>) outs(%S : tensor<64x128xf32>) -> tensor<64x128xf32>
      scf.yield %next, %gt : tensor<64x128xf32>, tensor<16x128xf32>
    }
    tile.store %end#0, %s[0, 0, 0] dims [1, 2] limits [64, 128] : tensor<64x128xf32> -> !s
    tile.store %end#1, %sc[0, 0, 0] dims [1, 2] limits [16, 128] : tensor<16x128xf32> -> !g
    tile.return
  }
}

// -----

!x = memref<?x?x128xbf16, strided<[?, ?, ?], offset: ?>>
!v = memref<?x?x64xbf16, strided<[?, ?, ?], offset: ?>>
!g = memref<?x?x128xf32, strided<[?, ?, ?], offset: ?>>
!s = memref<?x64x128xf32, strided<[?, ?, ?], offset: ?>>
#mk = affine_map<(m, n, k) -> (m, k)>
#nk = affine_map<(m, n, k) -> (n, k)>
#km = affine_map<(m, n, k) -> (k, m)>
#kn = affine_map<(m, n, k) -> (k, n)>
#mn = affine_map<(m, n, k) -> (m, n)>
#id = affine_map<(i, j) -> (i, j)>
tile.program @p of @spec plan #mixer.algorithm<chunked, chunk = 16, operand = bf16, stages = 2, family = sm_90a> buffers [] {
  tile.kernel @main(%block: index, %B: index, %T: index, %splits: index, %span: index, %k: !x, %v: !v, %g: !g, %o: !v, %s: !s) attributes {grid = #tile.grid<blocks = 1>} {
    %c0 = arith.constant 0 : index
    %c16 = arith.constant 16 : index
    %zero = arith.constant dense<0.0> : tensor<64x128xf32>
    %none = arith.constant dense<0.0> : tensor<64x16xf32>
    %empty = arith.constant dense<0.0> : tensor<16x16xf32>
    %unit = arith.constant dense<1.0> : tensor<1x16x16xf32>
    %end = scf.for %i = %c0 to %T step %c16 iter_args(%S = %zero) -> (tensor<64x128xf32>) {
      %left = arith.subi %T, %i : index
      %gt = tile.load %g[0, %i, 0] dims [1, 2] limits [%left, 128] : !g -> tensor<16x128xf32>
      %kt = tile.load %k[0, %i, 0] dims [1, 2] limits [%left, 128] : !x -> tensor<16x128xbf16>
      %vt = tile.load %v[0, %i, 0] dims [1, 2] limits [%left, 64] : !v -> tensor<16x64xbf16>
      %e16 = tensor.empty() : tensor<16x16xbf16>
      %inverse = arith.constant dense<1.0> : tensor<16x16xbf16>
      %narrow = arith.truncf %S : tensor<64x128xf32> to tensor<64x128xbf16>
      %read = linalg.contract indexing_maps = [#mk, #nk, #mn] ins(%narrow, %kt : tensor<64x128xbf16>, tensor<16x128xbf16>) outs(%none : tensor<64x16xf32>) -> tensor<64x16xf32>
      %y = linalg.contract indexing_maps = [#km, #nk, #mn] ins(%vt, %inverse : tensor<16x64xbf16>, tensor<16x16xbf16>) outs(%read : tensor<64x16xf32>) -> tensor<64x16xf32>
      tile.store %y, %o[0, %i, 0] dims [2, 1] limits [64, %left] : tensor<64x16xf32> -> !v
      %next = linalg.contract indexing_maps = [#km, #kn, #mn] ins(%vt, %kt : tensor<16x64xbf16>, tensor<16x128xbf16>) outs(%S : tensor<64x128xf32>) -> tensor<64x128xf32>
      scf.yield %next : tensor<64x128xf32>
    }
    tile.store %end, %s[0, 0, 0] dims [1, 2] limits [64, 128] : tensor<64x128xf32> -> !s
    tile.return
  }
}
