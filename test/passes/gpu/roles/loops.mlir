// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Several loops over chunks in a kernel: a role goes through those in which it has work, one after the other.
// RUN: mixer-opt %s --split-input-file --tile-to-gpu="arch=sm_90a" | FileCheck %s
// RUN: mixer-opt %s --split-input-file --tile-to-gpu="arch=sm_90a" --gpu-tile-to-nvvm -o /dev/null

// Tiles of the same forms: one ring, in which the second loop goes on from where the first one left it.
// CHECK-LABEL: gpu_tile.kernel @k
// CHECK-COUNT-5: gpu_tile.alloc
// CHECK-NOT: gpu_tile.alloc
// CHECK: gpu_tile.role "fetch"
// CHECK: scf.for {{.*}} iter_args(%[[BEGIN:.*]] = %c0_i32) -> (i32)
// CHECK: %[[FIRST:.*]] = scf.for {{.*}} iter_args(%{{.*}} = %[[BEGIN]]) -> (i32)
// CHECK: %[[SECOND:.*]] = scf.for {{.*}} iter_args(%{{.*}} = %[[FIRST]]) -> (i32)
// CHECK: scf.yield %[[SECOND]] : i32
// What the first loop has stored, the second one does not overtake.
// CHECK: gpu_tile.role "flush"
// CHECK: scf.for
// CHECK: scf.for
// CHECK: gpu_tile.flush
// CHECK: gpu_tile.drain written
// CHECK: scf.for
// CHECK: gpu_tile.flush
// CHECK: gpu_tile.role "early"
// CHECK-COUNT-3: scf.for
// CHECK: gpu_tile.role "compute"
// The state goes from loop to loop in registers.
// CHECK: %[[STATE:.*]]:2 = scf.for
// CHECK: scf.for {{.*}} iter_args(%{{.*}} = %[[STATE]]#0, %{{.*}} = %[[STATE]]#1)
!x = memref<?x?x2x64xbf16, strided<[?, ?, ?, ?], offset: ?>>
!f = memref<?x?x2x64xf32, strided<[?, ?, ?, ?], offset: ?>>
!s = memref<?x2x64x64xf32, strided<[?, ?, ?, ?], offset: ?>>
tile.program @p of @spec plan #mixer.algorithm<chunked, chunk = 64, operand = bf16, stages = 2, warps = 4, family = sm_90a, persistent = 16> buffers [] {
  tile.kernel @k(%block: index, %B: index, %T: index, %splits: index, %span: index, %q: !x, %k: !x, %v: !x, %w: !x, %u: !x, %g: !f, %o: !x, %s: !s) attributes {grid = #tile.grid<blocks = 2, batch = true>} {
    %c0 = arith.constant 0 : index
    %c2 = arith.constant 2 : index
    %b = arith.divui %block, %c2 : index
    %h = arith.remui %block, %c2 : index
    %c64 = arith.constant 64 : index
    %zero = arith.constant dense<0.0> : tensor<64x64xf32>
    %zf = arith.constant 0.0 : f32
    %r = scf.for %i = %c0 to %T step %c64 iter_args(%S = %zero) -> (tensor<64x64xf32>) {
      %left = arith.subi %T, %i : index
      %qt = tile.load %q[%b, %i, %h, 0] dims [1, 3] limits [%left, 64] : !x -> tensor<64x64xbf16>
      %kt = tile.load %k[%b, %i, %h, 0] dims [1, 3] limits [%left, 64] : !x -> tensor<64x64xbf16>
      %vt = tile.load %v[%b, %i, %h, 0] dims [1, 3] limits [%left, 64] : !x -> tensor<64x64xbf16>
      %sc = linalg.contract indexing_maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (n, k)>, affine_map<(m, n, k) -> (m, n)>]
        ins(%qt, %kt : tensor<64x64xbf16>, tensor<64x64xbf16>) outs(%zero : tensor<64x64xf32>) -> tensor<64x64xf32>
      %e_W = tensor.empty() : tensor<64x64xbf16>
      %W = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i, j)>], iterator_types = ["parallel", "parallel"]} ins(%sc : tensor<64x64xf32>) outs(%e_W : tensor<64x64xbf16>) {
      ^bb0(%a0: f32, %old_W: bf16):
        %x1 = linalg.index 0 : index
        %x2 = linalg.index 1 : index
        %le = arith.cmpi ule, %x2, %x1 : index
        %se = arith.select %le, %a0, %zf : f32
        %tr = arith.truncf %se : f32 to bf16
        linalg.yield %tr : bf16
      } -> tensor<64x64xbf16>
      %e_Sb = tensor.empty() : tensor<64x64xbf16>
      %Sb = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i, j)>], iterator_types = ["parallel", "parallel"]} ins(%S : tensor<64x64xf32>) outs(%e_Sb : tensor<64x64xbf16>) {
      ^bb0(%a0: f32, %old_Sb: bf16):
        %tr = arith.truncf %a0 : f32 to bf16
        linalg.yield %tr : bf16
      } -> tensor<64x64xbf16>
      %y0 = linalg.contract indexing_maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (n, k)>, affine_map<(m, n, k) -> (m, n)>]
        ins(%Sb, %qt : tensor<64x64xbf16>, tensor<64x64xbf16>) outs(%zero : tensor<64x64xf32>) -> tensor<64x64xf32>
      %y1 = linalg.contract indexing_maps = [affine_map<(m, n, k) -> (k, m)>, affine_map<(m, n, k) -> (n, k)>, affine_map<(m, n, k) -> (m, n)>]
        ins(%vt, %W : tensor<64x64xbf16>, tensor<64x64xbf16>) outs(%y0 : tensor<64x64xf32>) -> tensor<64x64xf32>
      %e_yb = tensor.empty() : tensor<64x64xbf16>
      %yb = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i, j)>], iterator_types = ["parallel", "parallel"]} ins(%y1 : tensor<64x64xf32>) outs(%e_yb : tensor<64x64xbf16>) {
      ^bb0(%a0: f32, %old_yb: bf16):
        %tr = arith.truncf %a0 : f32 to bf16
        linalg.yield %tr : bf16
      } -> tensor<64x64xbf16>
      tile.store %yb, %o[%b, %i, %h, 0] dims [3, 1] limits [64, %left] : tensor<64x64xbf16> -> !x
      %S1 = linalg.contract indexing_maps = [affine_map<(m, n, k) -> (k, m)>, affine_map<(m, n, k) -> (k, n)>, affine_map<(m, n, k) -> (m, n)>]
        ins(%vt, %kt : tensor<64x64xbf16>, tensor<64x64xbf16>) outs(%S : tensor<64x64xf32>) -> tensor<64x64xf32>
      scf.yield %S1 : tensor<64x64xf32>
    }
    tile.store %r, %s[%b, %h, 0, 0] dims [2, 3] limits [64, 64] : tensor<64x64xf32> -> !s
    %r2 = scf.for %i = %c0 to %T step %c64 iter_args(%S = %r) -> (tensor<64x64xf32>) {
      %left = arith.subi %T, %i : index
      %qt = tile.load %q[%b, %i, %h, 0] dims [1, 3] limits [%left, 64] : !x -> tensor<64x64xbf16>
      %kt = tile.load %k[%b, %i, %h, 0] dims [1, 3] limits [%left, 64] : !x -> tensor<64x64xbf16>
      %vt = tile.load %v[%b, %i, %h, 0] dims [1, 3] limits [%left, 64] : !x -> tensor<64x64xbf16>
      %sc = linalg.contract indexing_maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (n, k)>, affine_map<(m, n, k) -> (m, n)>]
        ins(%qt, %kt : tensor<64x64xbf16>, tensor<64x64xbf16>) outs(%zero : tensor<64x64xf32>) -> tensor<64x64xf32>
      %e_W = tensor.empty() : tensor<64x64xbf16>
      %W = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i, j)>], iterator_types = ["parallel", "parallel"]} ins(%sc : tensor<64x64xf32>) outs(%e_W : tensor<64x64xbf16>) {
      ^bb0(%a0: f32, %old_W: bf16):
        %x1 = linalg.index 0 : index
        %x2 = linalg.index 1 : index
        %le = arith.cmpi ule, %x2, %x1 : index
        %se = arith.select %le, %a0, %zf : f32
        %tr = arith.truncf %se : f32 to bf16
        linalg.yield %tr : bf16
      } -> tensor<64x64xbf16>
      %e_Sb = tensor.empty() : tensor<64x64xbf16>
      %Sb = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i, j)>], iterator_types = ["parallel", "parallel"]} ins(%S : tensor<64x64xf32>) outs(%e_Sb : tensor<64x64xbf16>) {
      ^bb0(%a0: f32, %old_Sb: bf16):
        %tr = arith.truncf %a0 : f32 to bf16
        linalg.yield %tr : bf16
      } -> tensor<64x64xbf16>
      %y0 = linalg.contract indexing_maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (n, k)>, affine_map<(m, n, k) -> (m, n)>]
        ins(%Sb, %qt : tensor<64x64xbf16>, tensor<64x64xbf16>) outs(%zero : tensor<64x64xf32>) -> tensor<64x64xf32>
      %y1 = linalg.contract indexing_maps = [affine_map<(m, n, k) -> (k, m)>, affine_map<(m, n, k) -> (n, k)>, affine_map<(m, n, k) -> (m, n)>]
        ins(%vt, %W : tensor<64x64xbf16>, tensor<64x64xbf16>) outs(%y0 : tensor<64x64xf32>) -> tensor<64x64xf32>
      %e_yb = tensor.empty() : tensor<64x64xbf16>
      %yb = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i, j)>], iterator_types = ["parallel", "parallel"]} ins(%y1 : tensor<64x64xf32>) outs(%e_yb : tensor<64x64xbf16>) {
      ^bb0(%a0: f32, %old_yb: bf16):
        %tr = arith.truncf %a0 : f32 to bf16
        linalg.yield %tr : bf16
      } -> tensor<64x64xbf16>
      tile.store %yb, %o[%b, %i, %h, 0] dims [3, 1] limits [64, %left] : tensor<64x64xbf16> -> !x
      %S1 = linalg.contract indexing_maps = [affine_map<(m, n, k) -> (k, m)>, affine_map<(m, n, k) -> (k, n)>, affine_map<(m, n, k) -> (m, n)>]
        ins(%vt, %kt : tensor<64x64xbf16>, tensor<64x64xbf16>) outs(%S : tensor<64x64xf32>) -> tensor<64x64xf32>
      scf.yield %S1 : tensor<64x64xf32>
    }
    tile.store %r2, %s[%b, %h, 0, 0] dims [2, 3] limits [64, 64] : tensor<64x64xf32> -> !s
    tile.return
  }
}

// -----

// Other forms: rings of their own. Only the second loop has work for `vectors`, `early` and `flush`.
// CHECK-LABEL: gpu_tile.kernel @k
// CHECK: gpu_tile.role "fetch"
// CHECK: scf.for {{.*}} iter_args(%[[A:.*]] = %c0_i32, %[[B:.*]] = %c0_i32{{.*}}) -> (i32, i32)
// CHECK: %[[FIRST:.*]] = scf.for {{.*}} iter_args(%{{.*}} = %[[A]]) -> (i32)
// CHECK: %[[SECOND:.*]] = scf.for {{.*}} iter_args(%{{.*}} = %[[B]]) -> (i32)
// CHECK: scf.yield %[[FIRST]], %[[SECOND]] : i32, i32
// CHECK: gpu_tile.role "vectors"
// CHECK-COUNT-2: scf.for
// CHECK-NOT: scf.for
// CHECK: gpu_tile.role "flush"
// CHECK-COUNT-2: scf.for
// CHECK-NOT: scf.for
// CHECK: gpu_tile.role "early"
// CHECK-COUNT-2: scf.for
// CHECK-NOT: scf.for
// What follows from the first loop's result, `compute` alone does.
// CHECK: gpu_tile.role "compute"
// CHECK-COUNT-2: scf.for
// CHECK-COUNT-60: arith.addf %
// CHECK: scf.for
!x = memref<?x?x2x64xbf16, strided<[?, ?, ?, ?], offset: ?>>
!g = memref<?x?x2xf32, strided<[?, ?, ?], offset: ?>>
!s = memref<?x2x64x64xf32, strided<[?, ?, ?, ?], offset: ?>>
#mk = affine_map<(m, n, k) -> (m, k)>
#nk = affine_map<(m, n, k) -> (n, k)>
#km = affine_map<(m, n, k) -> (k, m)>
#kn = affine_map<(m, n, k) -> (k, n)>
#mn = affine_map<(m, n, k) -> (m, n)>
#id = affine_map<(i, j) -> (i, j)>
#first = affine_map<(i, j) -> (i)>
tile.program @p of @spec plan #mixer.algorithm<chunked, chunk = 64, operand = bf16, stages = 2, warps = 4, family = sm_90a, persistent = 16> buffers [] {
  tile.kernel @k(%block: index, %B: index, %T: index, %splits: index, %span: index, %q: !x, %k: !x, %v: !x, %g: !g, %o: !x, %s: !s) attributes {grid = #tile.grid<blocks = 2, batch = true>} {
    %c0 = arith.constant 0 : index
    %c2 = arith.constant 2 : index
    %b = arith.divui %block, %c2 : index
    %h = arith.remui %block, %c2 : index
    %c64 = arith.constant 64 : index
    %zero = arith.constant dense<0.0> : tensor<64x64xf32>
    %tiny = arith.constant 0.0625 : f32
    %r = scf.for %i = %c0 to %T step %c64 iter_args(%S = %zero) -> (tensor<64x64xf32>) {
      %left = arith.subi %T, %i : index
      %kt = tile.load %k[%b, %i, %h, 0] dims [1, 3] limits [%left, 64] : !x -> tensor<64x64xbf16>
      %vt = tile.load %v[%b, %i, %h, 0] dims [1, 3] limits [%left, 64] : !x -> tensor<64x64xbf16>
      %S1 = linalg.contract indexing_maps = [#km, #kn, #mn] ins(%vt, %kt : tensor<64x64xbf16>, tensor<64x64xbf16>) outs(%S : tensor<64x64xf32>) -> tensor<64x64xf32>
      scf.yield %S1 : tensor<64x64xf32>
    }
    %none = arith.constant dense<0.0> : tensor<64xf32>
    %g0 = linalg.generic {indexing_maps = [#id, #first], iterator_types = ["parallel", "reduction"]} ins(%r : tensor<64x64xf32>) outs(%none : tensor<64xf32>) {
    ^bb0(%ra: f32, %rs: f32):
      %rn = arith.addf %ra, %rs : f32
      linalg.yield %rn : f32
    } -> tensor<64xf32>
    %once = tile.load %g[%b, 0, %h] dims [1] limits [%T] : !g -> tensor<64xf32>
    %r2 = scf.for %i = %c0 to %T step %c64 iter_args(%S = %zero) -> (tensor<64x64xf32>) {
      %left = arith.subi %T, %i : index
      %qt = tile.load %q[%b, %i, %h, 0] dims [1, 3] limits [%left, 64] : !x -> tensor<64x64xbf16>
      %kt = tile.load %k[%b, %i, %h, 0] dims [1, 3] limits [%left, 64] : !x -> tensor<64x64xbf16>
      %vt = tile.load %v[%b, %i, %h, 0] dims [1, 3] limits [%left, 64] : !x -> tensor<64x64xbf16>
      %gt = tile.load %g[%b, %i, %h] dims [1] limits [%left] : !g -> tensor<64xf32>
      %e1 = tensor.empty() : tensor<64xf32>
      %gh = linalg.generic {indexing_maps = [affine_map<(i) -> (i)>, affine_map<(i) -> (i)>, affine_map<(i) -> (i)>], iterator_types = ["parallel"]} ins(%gt, %once : tensor<64xf32>, tensor<64xf32>) outs(%e1 : tensor<64xf32>) {
      ^bb0(%ha: f32, %hb: f32, %ho: f32):
        %hc = arith.mulf %ha, %hb : f32
        linalg.yield %hc : f32
      } -> tensor<64xf32>
      %gs = linalg.generic {indexing_maps = [affine_map<(i) -> (i)>, affine_map<(i) -> (i)>, affine_map<(i) -> (i)>], iterator_types = ["parallel"]} ins(%gh, %g0 : tensor<64xf32>, tensor<64xf32>) outs(%e1 : tensor<64xf32>) {
      ^bb0(%ga: f32, %gb: f32, %go: f32):
        %gc = arith.mulf %ga, %gb : f32
        linalg.yield %gc : f32
      } -> tensor<64xf32>
      %sc = linalg.contract indexing_maps = [#mk, #nk, #mn] ins(%qt, %kt : tensor<64x64xbf16>, tensor<64x64xbf16>) outs(%zero : tensor<64x64xf32>) -> tensor<64x64xf32>
      %W_e = tensor.empty() : tensor<64x64xbf16>
      %W = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]} ins(%sc : tensor<64x64xf32>) outs(%W_e : tensor<64x64xbf16>) {
      ^bb0(%W_a: f32, %W_o: bf16):
        %W_s = arith.mulf %W_a, %tiny : f32
        %W_t = arith.truncf %W_s : f32 to bf16
        linalg.yield %W_t : bf16
      } -> tensor<64x64xbf16>
      %R_e = tensor.empty() : tensor<64x64xbf16>
      %R = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]} ins(%r : tensor<64x64xf32>) outs(%R_e : tensor<64x64xbf16>) {
      ^bb0(%R_a: f32, %R_o: bf16):
        %R_s = arith.mulf %R_a, %tiny : f32
        %R_t = arith.truncf %R_s : f32 to bf16
        linalg.yield %R_t : bf16
      } -> tensor<64x64xbf16>
      %y0 = linalg.contract indexing_maps = [#mk, #nk, #mn] ins(%qt, %R : tensor<64x64xbf16>, tensor<64x64xbf16>) outs(%zero : tensor<64x64xf32>) -> tensor<64x64xf32>
      %y1 = linalg.contract indexing_maps = [#mk, #kn, #mn] ins(%W, %vt : tensor<64x64xbf16>, tensor<64x64xbf16>) outs(%y0 : tensor<64x64xf32>) -> tensor<64x64xf32>
      %e_y = tensor.empty() : tensor<64x64xf32>
      %y2 = linalg.generic {indexing_maps = [#id, #first, #id], iterator_types = ["parallel", "parallel"]} ins(%y1, %gs : tensor<64x64xf32>, tensor<64xf32>) outs(%e_y : tensor<64x64xf32>) {
      ^bb0(%ya: f32, %yg: f32, %yo: f32):
        %ym = arith.addf %ya, %yg : f32
        linalg.yield %ym : f32
      } -> tensor<64x64xf32>
      %yb_e = tensor.empty() : tensor<64x64xbf16>
      %yb = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]} ins(%y2 : tensor<64x64xf32>) outs(%yb_e : tensor<64x64xbf16>) {
      ^bb0(%yb_a: f32, %yb_o: bf16):
        %yb_s = arith.mulf %yb_a, %tiny : f32
        %yb_t = arith.truncf %yb_s : f32 to bf16
        linalg.yield %yb_t : bf16
      } -> tensor<64x64xbf16>
      tile.store %yb, %o[%b, %i, %h, 0] dims [1, 3] limits [%left, 64] : tensor<64x64xbf16> -> !x
      %S1 = linalg.contract indexing_maps = [#km, #kn, #mn] ins(%vt, %kt : tensor<64x64xbf16>, tensor<64x64xbf16>) outs(%S : tensor<64x64xf32>) -> tensor<64x64xf32>
      scf.yield %S1 : tensor<64x64xf32>
    }
    tile.store %r2, %s[%b, %h, 0, 0] dims [2, 3] limits [64, 64] : tensor<64x64xf32> -> !s
    tile.return
  }
}
