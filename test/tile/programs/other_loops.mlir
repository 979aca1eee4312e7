// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Loops over chunks that differ: the second one has vectors, which follow in part from what the first one leaves.
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

mixer.spec @other_loops(%q: [B,T,H,N] io, %k: [B,T,H,N] io, %v: [B,T,H,P] io, %g: [B,T,H])
    -> (%o: [B,T,H,P] io, %s: [B,H,P,N]) {
  %y, %S = mixer.semiseparable x = %v, b = %k, c = %q, decay = %g
  mixer.return %y, %S
}

tile.program @other_loops_tiles of @other_loops plan #mixer.algorithm<chunked, chunk = 64, operand = bf16, stages = 2, warps = 4, family = portable> buffers [] {
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
