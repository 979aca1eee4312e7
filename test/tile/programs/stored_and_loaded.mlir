// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What a chunk has stored, a later one loads, adds to and stores again at the same place.
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

mixer.spec @stored_and_loaded(%q: [B,T,H,N] io, %k: [B,T,H,N] io, %v: [B,T,H,P] io, %g: [B,T,H])
    -> (%o: [B,T,H,P] io, %s: [B,H,P,N]) {
  %y, %S = mixer.semiseparable x = %v, b = %k, c = %q, decay = %g
  mixer.return %y, %S
}

tile.program @stored_and_loaded_tiles of @stored_and_loaded plan #mixer.algorithm<chunked, chunk = 64, operand = bf16, stages = 2, warps = 4, family = portable> buffers [] {
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
      %first = arith.cmpi eq, %i, %c0 : index
      %rows = arith.select %first, %c0, %T : index
      %before = tile.load %o[%b, %c0, %h, 0] dims [1, 3] limits [%rows, 64] : !x -> tensor<64x64xbf16>
      %S1 = linalg.contract indexing_maps = [#km, #kn, #mn] ins(%vt, %kt : tensor<64x64xbf16>, tensor<64x64xbf16>) outs(%S : tensor<64x64xf32>) -> tensor<64x64xf32>
      %y0 = linalg.contract indexing_maps = [#km, #kn, #mn] ins(%kt, %vt : tensor<64x64xbf16>, tensor<64x64xbf16>) outs(%zero : tensor<64x64xf32>) -> tensor<64x64xf32>
      %yb_e = tensor.empty() : tensor<64x64xbf16>
      %yb = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]} ins(%y0 : tensor<64x64xf32>) outs(%yb_e : tensor<64x64xbf16>) {
      ^bb0(%yb_a: f32, %yb_o: bf16):
        %yb_s = arith.mulf %yb_a, %tiny : f32
        %yb_t = arith.truncf %yb_s : f32 to bf16
        linalg.yield %yb_t : bf16
      } -> tensor<64x64xbf16>
      %ye = tensor.empty() : tensor<64x64xbf16>
      %ys = linalg.generic {indexing_maps = [#id, #id, #id], iterator_types = ["parallel", "parallel"]} ins(%yb, %before : tensor<64x64xbf16>, tensor<64x64xbf16>) outs(%ye : tensor<64x64xbf16>) {
      ^bb0(%ya: bf16, %yc: bf16, %yo: bf16):
        %ym = arith.addf %ya, %yc : bf16
        linalg.yield %ym : bf16
      } -> tensor<64x64xbf16>
      tile.store %ys, %o[%b, %c0, %h, 0] dims [1, 3] limits [%T, 64] : tensor<64x64xbf16> -> !x
      scf.yield %S1 : tensor<64x64xf32>
    }
    tile.store %r, %s[%b, %h, 0, 0] dims [2, 3] limits [64, 64] : tensor<64x64xf32> -> !s
    %again = tile.load %s[%b, %h, 0, 0] dims [2, 3] limits [64, 64] : !s -> tensor<64x64xf32>
    %low_e = tensor.empty() : tensor<64x64xbf16>
    %low = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]} ins(%again : tensor<64x64xf32>) outs(%low_e : tensor<64x64xbf16>) {
    ^bb0(%low_a: f32, %low_o: bf16):
      %low_s = arith.mulf %low_a, %tiny : f32
      %low_t = arith.truncf %low_s : f32 to bf16
      linalg.yield %low_t : bf16
    } -> tensor<64x64xbf16>
    %sq = linalg.contract indexing_maps = [#km, #nk, #mn] ins(%low, %low : tensor<64x64xbf16>, tensor<64x64xbf16>) outs(%zero : tensor<64x64xf32>) -> tensor<64x64xf32>
    tile.store %sq, %s[%b, %h, 0, 0] dims [3, 2] limits [64, 64] : tensor<64x64xf32> -> !s
    tile.return
  }
}
