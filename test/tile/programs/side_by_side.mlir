// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Two tiles of rows side by side, which one product multiplies by the state; each half of the result is read for itself, by elementwise
// work and as what another product adds to. A third reader takes both halves in the other order.
// teams = 2
!x = memref<?x?x2x64xbf16, strided<[?, ?, ?, ?], offset: ?>>
!f = memref<?x?x2x64xf32, strided<[?, ?, ?, ?], offset: ?>>
!s = memref<?x2x64x64xf32, strided<[?, ?, ?, ?], offset: ?>>
#tk = affine_map<(m, n, k) -> (m, k)>
#sk = affine_map<(m, n, k) -> (n, k)>
#kn = affine_map<(m, n, k) -> (k, n)>
#mn = affine_map<(m, n, k) -> (m, n)>
#ij = affine_map<(i, j) -> (i, j)>
#ji = affine_map<(i, j) -> (j, i)>

mixer.spec @side_by_side(%q: [B,T,H,N] io, %k: [B,T,H,N] io, %v: [B,T,H,P] io, %w: [B,T,H,N] io, %u: [B,T,H,P] io, %g: [B,T,H,N])
    -> (%o: [B,T,H,P] io, %f: [B,T,H,P], %s: [B,H,P,N]) {
  %y, %S = mixer.semiseparable x = %v, b = %k, c = %q
  %z = mixer.map(%v) { (v) -> v }
  mixer.return %y, %z, %S
}

tile.program @side_by_side_tiles of @side_by_side plan #mixer.algorithm<chunked, chunk = 16, operand = bf16, stages = 4, warps = 4, family = portable> buffers [] {
  tile.kernel @k(%block: index, %B: index, %T: index, %splits: index, %span: index, %q: !x, %k: !x, %v: !x, %w: !x, %u: !x, %g: !f, %o: !x, %f: !f, %s: !s) attributes {grid = #tile.grid<blocks = 2, batch = true>} {
    %c0 = arith.constant 0 : index
    %c2 = arith.constant 2 : index
    %b = arith.divui %block, %c2 : index
    %h = arith.remui %block, %c2 : index
    %c16 = arith.constant 16 : index
    %none = arith.constant dense<0.0> : tensor<64x64xf32>
    %noneScores = arith.constant dense<0.0> : tensor<16x16xf32>
    %noneRead = arith.constant dense<0.0> : tensor<64x2x16xf32>
    %zf = arith.constant 0.0 : f32
    %eighth = arith.constant 0.125 : f32
    %quarter = arith.constant 0.25 : f32
    %r = scf.for %i = %c0 to %T step %c16 iter_args(%S = %none) -> (tensor<64x64xf32>) {
      %left = arith.subi %T, %i : index
      %qt = tile.load %q[%b, %i, %h, 0] dims [1, 3] limits [%left, 64] : !x -> tensor<16x64xbf16>
      %kt = tile.load %k[%b, %i, %h, 0] dims [1, 3] limits [%left, 64] : !x -> tensor<16x64xbf16>
      %wt = tile.load %w[%b, %i, %h, 0] dims [1, 3] limits [%left, 64] : !x -> tensor<16x64xbf16>
      %vt = tile.load %v[%b, %i, %h, 0] dims [1, 3] limits [%left, 64] : !x -> tensor<16x64xbf16>
      %gt = tile.load %g[%b, %i, %h, 0] dims [1, 3] limits [%left, 64] : !f -> tensor<16x64xf32>
      %e = tensor.empty() : tensor<16x64xbf16>
      %qg = linalg.generic {indexing_maps = [#ij, #ij, #ij], iterator_types = ["parallel", "parallel"]} ins(%qt, %gt : tensor<16x64xbf16>, tensor<16x64xf32>) outs(%e : tensor<16x64xbf16>) {
      ^bb0(%a: bf16, %by: f32, %old: bf16):
        %wide = arith.extf %a : bf16 to f32
        %x1 = arith.mulf %wide, %by : f32
        %x2 = arith.mulf %x1, %eighth : f32
        %narrow = arith.truncf %x2 : f32 to bf16
        linalg.yield %narrow : bf16
      } -> tensor<16x64xbf16>
      %wg = linalg.generic {indexing_maps = [#ij, #ij, #ij], iterator_types = ["parallel", "parallel"]} ins(%wt, %gt : tensor<16x64xbf16>, tensor<16x64xf32>) outs(%e : tensor<16x64xbf16>) {
      ^bb0(%a: bf16, %by: f32, %old: bf16):
        %wide = arith.extf %a : bf16 to f32
        %x1 = arith.mulf %wide, %by : f32
        %x2 = arith.mulf %x1, %eighth : f32
        %narrow = arith.truncf %x2 : f32 to bf16
        linalg.yield %narrow : bf16
      } -> tensor<16x64xbf16>
      %eBoth = tensor.empty() : tensor<2x16x64xbf16>
      %both = linalg.generic {indexing_maps = [affine_map<(d, i, j) -> (i, j)>, affine_map<(d, i, j) -> (i, j)>, affine_map<(d, i, j) -> (d, i, j)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%wg, %qg : tensor<16x64xbf16>, tensor<16x64xbf16>) outs(%eBoth : tensor<2x16x64xbf16>) {
      ^bb0(%a: bf16, %c: bf16, %old: bf16):
        %which = linalg.index 0 : index
        %isFirst = arith.cmpi eq, %which, %c0 : index
        %one = arith.select %isFirst, %a, %c : bf16
        linalg.yield %one : bf16
      } -> tensor<2x16x64xbf16>
      %sc = linalg.contract indexing_maps = [#tk, #sk, #mn] ins(%qg, %kt : tensor<16x64xbf16>, tensor<16x64xbf16>) outs(%noneScores : tensor<16x16xf32>) -> tensor<16x16xf32>
      %eW = tensor.empty() : tensor<16x16xbf16>
      %W = linalg.generic {indexing_maps = [#ij, #ij], iterator_types = ["parallel", "parallel"]} ins(%sc : tensor<16x16xf32>) outs(%eW : tensor<16x16xbf16>) {
      ^bb0(%a: f32, %old: bf16):
        %row = linalg.index 0 : index
        %column = linalg.index 1 : index
        %le = arith.cmpi ule, %column, %row : index
        %kept = arith.select %le, %a, %zf : f32
        %narrow = arith.truncf %kept : f32 to bf16
        linalg.yield %narrow : bf16
      } -> tensor<16x16xbf16>
      %eS = tensor.empty() : tensor<64x64xbf16>
      %Sb = linalg.generic {indexing_maps = [#ij, #ij], iterator_types = ["parallel", "parallel"]} ins(%S : tensor<64x64xf32>) outs(%eS : tensor<64x64xbf16>) {
      ^bb0(%a: f32, %old: bf16):
        %narrow = arith.truncf %a : f32 to bf16
        linalg.yield %narrow : bf16
      } -> tensor<64x64xbf16>
      %read = linalg.contract indexing_maps = [affine_map<(m, d, t, k) -> (m, k)>, affine_map<(m, d, t, k) -> (d, t, k)>, affine_map<(m, d, t, k) -> (m, d, t)>]
        ins(%Sb, %both : tensor<64x64xbf16>, tensor<2x16x64xbf16>) outs(%noneRead : tensor<64x2x16xf32>) -> tensor<64x2x16xf32>
      %eD = tensor.empty() : tensor<64x16xbf16>
      %d = linalg.generic {indexing_maps = [#ji, affine_map<(i, j) -> (i, 0, j)>, #ij], iterator_types = ["parallel", "parallel"]} ins(%vt, %read : tensor<16x64xbf16>, tensor<64x2x16xf32>) outs(%eD : tensor<64x16xbf16>) {
      ^bb0(%a: bf16, %c: f32, %old: bf16):
        %wide = arith.extf %a : bf16 to f32
        %rest = arith.subf %wide, %c : f32
        %narrow = arith.truncf %rest : f32 to bf16
        linalg.yield %narrow : bf16
      } -> tensor<64x16xbf16>
      %eY = tensor.empty() : tensor<64x16xf32>
      %y0 = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, 1, j)>, #ij], iterator_types = ["parallel", "parallel"]} ins(%read : tensor<64x2x16xf32>) outs(%eY : tensor<64x16xf32>) {
      ^bb0(%a: f32, %old: f32):
        linalg.yield %a : f32
      } -> tensor<64x16xf32>
      %y1 = linalg.contract indexing_maps = [#tk, #sk, #mn] ins(%d, %W : tensor<64x16xbf16>, tensor<16x16xbf16>) outs(%y0 : tensor<64x16xf32>) -> tensor<64x16xf32>
      %yb = linalg.generic {indexing_maps = [#ij, #ij], iterator_types = ["parallel", "parallel"]} ins(%y1 : tensor<64x16xf32>) outs(%eD : tensor<64x16xbf16>) {
      ^bb0(%a: f32, %old: bf16):
        %narrow = arith.truncf %a : f32 to bf16
        linalg.yield %narrow : bf16
      } -> tensor<64x16xbf16>
      tile.store %yb, %o[%b, %i, %h, 0] dims [3, 1] limits [64, %left] : tensor<64x16xbf16> -> !x
      %z = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, 1, j)>, affine_map<(i, j) -> (i, 0, j)>, #ij], iterator_types = ["parallel", "parallel"]} ins(%read, %read : tensor<64x2x16xf32>, tensor<64x2x16xf32>) outs(%eY : tensor<64x16xf32>) {
      ^bb0(%a: f32, %c: f32, %old: f32):
        %less = arith.subf %a, %c : f32
        linalg.yield %less : f32
      } -> tensor<64x16xf32>
      tile.store %z, %f[%b, %i, %h, 0] dims [3, 1] limits [64, %left] : tensor<64x16xf32> -> !f
      %S0 = linalg.generic {indexing_maps = [#ij, #ij], iterator_types = ["parallel", "parallel"]} ins(%S : tensor<64x64xf32>) outs(%none : tensor<64x64xf32>) {
      ^bb0(%a: f32, %old: f32):
        %less = arith.mulf %a, %quarter : f32
        linalg.yield %less : f32
      } -> tensor<64x64xf32>
      %S1 = linalg.contract indexing_maps = [#tk, #kn, #mn] ins(%d, %kt : tensor<64x16xbf16>, tensor<16x64xbf16>) outs(%S0 : tensor<64x64xf32>) -> tensor<64x64xf32>
      scf.yield %S1 : tensor<64x64xf32>
    }
    tile.store %r, %s[%b, %h, 0, 0] dims [2, 3] limits [64, 64] : tensor<64x64xf32> -> !s
    tile.return
  }
}
