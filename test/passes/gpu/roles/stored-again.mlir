// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What a kernel stores, no helper loads, and bulk stores do not overtake each other.
// RUN: mixer-opt %s --split-input-file --tile-assign-roles | FileCheck %s

// Loaded before the loop that stores it, read in the one behind it.
// CHECK-LABEL: tile.kernel @k
// CHECK: tile.load %arg10 [{{.*}} {gpu_tile.work = #gpu_tile.work<[compute], order = {{[0-9]+}}>}
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
tile.program @p of @spec plan #mixer.algorithm<chunked, chunk = 64, operand = bf16, stages = 2, warps = 4, family = sm_90a> buffers [] {
  tile.kernel @k(%block: index, %B: index, %T: index, %splits: index, %span: index, %q: !x, %k: !x, %v: !x, %g: !g, %o: !x, %g2: !g, %s: !s) attributes {grid = #tile.grid<blocks = 2, batch = true>} {
    %c0 = arith.constant 0 : index
    %c2 = arith.constant 2 : index
    %b = arith.divui %block, %c2 : index
    %h = arith.remui %block, %c2 : index
    %c64 = arith.constant 64 : index
    %zero = arith.constant dense<0.0> : tensor<64x64xf32>
    %tiny = arith.constant 0.0625 : f32
    %once = tile.load %g2[%b, 0, %h] dims [1] limits [%T] : !g -> tensor<64xf32>
    %ones = arith.constant dense<1.0> : tensor<64xf32>
    %r = scf.for %i = %c0 to %T step %c64 iter_args(%S = %zero) -> (tensor<64x64xf32>) {
      %left = arith.subi %T, %i : index
      %kt = tile.load %k[%b, %i, %h, 0] dims [1, 3] limits [%left, 64] : !x -> tensor<64x64xbf16>
      %vt = tile.load %v[%b, %i, %h, 0] dims [1, 3] limits [%left, 64] : !x -> tensor<64x64xbf16>
      %gt1 = tile.load %g[%b, %i, %h] dims [1] limits [%left] : !g -> tensor<64xf32>
      %S0 = linalg.contract indexing_maps = [#km, #kn, #mn] ins(%vt, %kt : tensor<64x64xbf16>, tensor<64x64xbf16>) outs(%S : tensor<64x64xf32>) -> tensor<64x64xf32>
      %eS = tensor.empty() : tensor<64x64xf32>
      %S1 = linalg.generic {indexing_maps = [#id, #first, #id], iterator_types = ["parallel", "parallel"]} ins(%S0, %gt1 : tensor<64x64xf32>, tensor<64xf32>) outs(%eS : tensor<64x64xf32>) {
      ^bb0(%pa: f32, %pb: f32, %po: f32):
        %pc = arith.mulf %pa, %pb : f32
        linalg.yield %pc : f32
      } -> tensor<64x64xf32>
      tile.store %ones, %g2[%b, %i, %h] dims [1] limits [%left] : tensor<64xf32> -> !g
      scf.yield %S1 : tensor<64x64xf32>
    }
    %none = arith.constant dense<0.0> : tensor<64xf32>
    %g0 = linalg.generic {indexing_maps = [#id, #first], iterator_types = ["parallel", "reduction"]} ins(%r : tensor<64x64xf32>) outs(%none : tensor<64xf32>) {
    ^bb0(%ra: f32, %rs: f32):
      %rn = arith.addf %ra, %rs : f32
      linalg.yield %rn : f32
    } -> tensor<64xf32>
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

// -----

// Loaded and stored again in an iteration.
// CHECK-LABEL: tile.kernel @k
// CHECK: tile.load %arg12 [{{.*}} {gpu_tile.work = #gpu_tile.work<[compute], order = {{[0-9]+}}>}
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
tile.program @p of @spec plan #mixer.algorithm<chunked, chunk = 64, operand = bf16, stages = 2, warps = 4, family = sm_90a> buffers [] {
  tile.kernel @k(%block: index, %B: index, %T: index, %splits: index, %span: index, %q: !x, %k: !x, %v: !x, %g: !g, %o: !x, %s: !s, %g2: !g, %g3: !g) attributes {grid = #tile.grid<blocks = 2, batch = true>} {
    %c0 = arith.constant 0 : index
    %c2 = arith.constant 2 : index
    %b = arith.divui %block, %c2 : index
    %h = arith.remui %block, %c2 : index
    %c64 = arith.constant 64 : index
    %zero = arith.constant dense<0.0> : tensor<64x64xf32>
    %tiny = arith.constant 0.0625 : f32
    %once = tile.load %g[%b, 0, %h] dims [1] limits [%T] : !g -> tensor<64xf32>
    %ones = arith.constant dense<1.0> : tensor<64xf32>
    %r = scf.for %i = %c0 to %T step %c64 iter_args(%S = %zero) -> (tensor<64x64xf32>) {
      %left = arith.subi %T, %i : index
      %kt = tile.load %k[%b, %i, %h, 0] dims [1, 3] limits [%left, 64] : !x -> tensor<64x64xbf16>
      %vt = tile.load %v[%b, %i, %h, 0] dims [1, 3] limits [%left, 64] : !x -> tensor<64x64xbf16>
      %gt1 = tile.load %g[%b, %i, %h] dims [1] limits [%left] : !g -> tensor<64xf32>
      %S0 = linalg.contract indexing_maps = [#km, #kn, #mn] ins(%vt, %kt : tensor<64x64xbf16>, tensor<64x64xbf16>) outs(%S : tensor<64x64xf32>) -> tensor<64x64xf32>
      %eS = tensor.empty() : tensor<64x64xf32>
      %S1 = linalg.generic {indexing_maps = [#id, #first, #id], iterator_types = ["parallel", "parallel"]} ins(%S0, %gt1 : tensor<64x64xf32>, tensor<64xf32>) outs(%eS : tensor<64x64xf32>) {
      ^bb0(%pa: f32, %pb: f32, %po: f32):
        %pc = arith.mulf %pa, %pb : f32
        linalg.yield %pc : f32
      } -> tensor<64x64xf32>
      tile.store %ones, %g2[%b, %i, %h] dims [1] limits [%left] : tensor<64xf32> -> !g
      scf.yield %S1 : tensor<64x64xf32>
    }
    %none = arith.constant dense<0.0> : tensor<64xf32>
    %g0 = linalg.generic {indexing_maps = [#id, #first], iterator_types = ["parallel", "reduction"]} ins(%r : tensor<64x64xf32>) outs(%none : tensor<64xf32>) {
    ^bb0(%ra: f32, %rs: f32):
      %rn = arith.addf %ra, %rs : f32
      linalg.yield %rn : f32
    } -> tensor<64xf32>
    %r2 = scf.for %i = %c0 to %T step %c64 iter_args(%S = %zero) -> (tensor<64x64xf32>) {
      %left = arith.subi %T, %i : index
      %qt = tile.load %q[%b, %i, %h, 0] dims [1, 3] limits [%left, 64] : !x -> tensor<64x64xbf16>
      %kt = tile.load %k[%b, %i, %h, 0] dims [1, 3] limits [%left, 64] : !x -> tensor<64x64xbf16>
      %vt = tile.load %v[%b, %i, %h, 0] dims [1, 3] limits [%left, 64] : !x -> tensor<64x64xbf16>
      %gt = tile.load %g3[%b, %i, %h] dims [1] limits [%left] : !g -> tensor<64xf32>
      tile.store %ones, %g3[%b, %i, %h] dims [1] limits [%left] : tensor<64xf32> -> !g
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

// -----

// Two stores of a chunk whose elements meet.
// CHECK-LABEL: tile.kernel @k
// CHECK-NOT: role = flush
// CHECK: tile.store %{{.*}} {gpu_tile.work = #gpu_tile.work<[compute], order = {{[0-9]+}}>}
// CHECK: tile.store %{{.*}} {gpu_tile.work = #gpu_tile.work<[compute], order = {{[0-9]+}}>}
!x = memref<?x?x2x64xbf16, strided<[?, ?, ?, ?], offset: ?>>
!f = memref<?x?x2x64xf32, strided<[?, ?, ?, ?], offset: ?>>
!s = memref<?x2x64x64xf32, strided<[?, ?, ?, ?], offset: ?>>
tile.program @p of @spec plan #mixer.algorithm<chunked, chunk = 64, operand = bf16, stages = 2, warps = 4, family = sm_90a> buffers [] {
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
      %i32x = arith.constant 32 : index
      %ish = arith.addi %i, %i32x : index
      %leftsh = arith.subi %T, %ish : index
      tile.store %Sb, %o[%b, %ish, %h, 0] dims [3, 1] limits [64, %leftsh] : tensor<64x64xbf16> -> !x
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
      %i32x = arith.constant 32 : index
      %ish = arith.addi %i, %i32x : index
      %leftsh = arith.subi %T, %ish : index
      tile.store %Sb, %o[%b, %ish, %h, 0] dims [3, 1] limits [64, %leftsh] : tensor<64x64xbf16> -> !x
      %S1 = linalg.contract indexing_maps = [affine_map<(m, n, k) -> (k, m)>, affine_map<(m, n, k) -> (k, n)>, affine_map<(m, n, k) -> (m, n)>]
        ins(%vt, %kt : tensor<64x64xbf16>, tensor<64x64xbf16>) outs(%S : tensor<64x64xf32>) -> tensor<64x64xf32>
      scf.yield %S1 : tensor<64x64xf32>
    }
    tile.store %r2, %s[%b, %h, 0, 0] dims [2, 3] limits [64, 64] : tensor<64x64xf32> -> !s
    tile.return
  }
}
