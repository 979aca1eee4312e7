// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Tokens of before: x by one token and in steps of its own, u by more than a chunk of the first tokens, w by two and repeated, g by three
// of a tensor seen from its end.
!x = memref<?x?x2x2x64xbf16, strided<[?, ?, ?, ?, ?], offset: ?>>
!u = memref<?x2x?x2xf32, strided<[?, ?, ?, ?], offset: ?>>
!w = memref<?x?x2x64xbf16, strided<[?, ?, ?, ?], offset: ?>>
!g = memref<?x?x2xf32, strided<[?, ?, ?], offset: ?>>
!s = memref<?x2x64x64xf32, strided<[?, ?, ?, ?], offset: ?>>

mixer.spec @earlier(%x: [B,T,R,H,P] io, %u: [B,R,T,H], %w: [B,T,H,N] io, %g: [B,T,H]) -> (%o: [B,T,H,P] io, %e: [B,T,H], %s: [B,H,P,N]) {
  %b = mixer.map(%w, %u) { (w, u) -> w * u }
  %y, %S = mixer.semiseparable x = %x, b = %b, c = %w
  mixer.return %y, %g, %S
}

tile.program @earlier_tiles of @earlier plan #mixer.algorithm<chunked, chunk = 32, operand = bf16, stages = 2, warps = 4, family = portable> buffers [] {
  tile.kernel @k(%block: index, %B: index, %T: index, %splits: index, %span: index, %x: !x, %u: !u, %w: !w, %g: !g, %o: !w, %e: !g, %s: !s) attributes {grid = #tile.grid<blocks = 2, batch = true>} {
    %c0 = arith.constant 0 : index
    %c2 = arith.constant 2 : index
    %c64 = arith.constant 64 : index
    %b = arith.divui %block, %c2 : index
    %h = arith.remui %block, %c2 : index
    %length = arith.muli %T, %c2 : index
    %x1 = tile.earlier %x dim 1 by 1 : !x
    %xs = tile.steps %x1 dim 1 of 2 through 2 : !x
    %u40 = tile.earlier %u dim 2 by 40 : !u
    %us = tile.steps %u40 dim 2 of 2 through 1 : !u
    %w2 = tile.earlier %w dim 1 by 2 : !w
    %ws = tile.steps %w2 dim 1 of 2 : !w
    %gr = tile.reverse %g dim 1 of %T : !g
    %g3 = tile.earlier %gr dim 1 by 3 : !g
    %gs = tile.steps %g3 dim 1 of 2 : !g
    %os = tile.steps %o dim 1 of 2 : !w
    %es = tile.steps %e dim 1 of 2 : !g
    %zero = arith.constant dense<0.0> : tensor<64x64xf32>
    %r = scf.for %i = %c0 to %length step %c64 iter_args(%S = %zero) -> (tensor<64x64xf32>) {
      %left = arith.subi %length, %i : index
      %xt = tile.load %xs[%b, %i, 0, %h, 0] dims [1, 4] limits [%left, 64] : !x -> tensor<64x64xbf16>
      %wt = tile.load %ws[%b, %i, %h, 0] dims [1, 3] limits [%left, 64] : !w -> tensor<64x64xbf16>
      %ut = tile.load %us[%b, 0, %i, %h] dims [2] limits [%left] : !u -> tensor<64xf32>
      %gt = tile.load %gs[%b, %i, %h] dims [1] limits [%left] : !g -> tensor<64xf32>
      %e0 = tensor.empty() : tensor<64x64xbf16>
      %xu = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i)>, affine_map<(i, j) -> (i, j)>], iterator_types = ["parallel", "parallel"]} ins(%xt, %ut : tensor<64x64xbf16>, tensor<64xf32>) outs(%e0 : tensor<64x64xbf16>) {
      ^bb0(%a0: bf16, %a1: f32, %old: bf16):
        %f = arith.extf %a0 : bf16 to f32
        %m = arith.mulf %f, %a1 : f32
        %t = arith.truncf %m : f32 to bf16
        linalg.yield %t : bf16
      } -> tensor<64x64xbf16>
      %e1 = tensor.empty() : tensor<64xf32>
      %gu = linalg.generic {indexing_maps = [affine_map<(i) -> (i)>, affine_map<(i) -> (i)>, affine_map<(i) -> (i)>], iterator_types = ["parallel"]} ins(%gt, %ut : tensor<64xf32>, tensor<64xf32>) outs(%e1 : tensor<64xf32>) {
      ^bb0(%a0: f32, %a1: f32, %old: f32):
        %m = arith.addf %a0, %a1 : f32
        linalg.yield %m : f32
      } -> tensor<64xf32>
      tile.store %xu, %os[%b, %i, %h, 0] dims [1, 3] limits [%left, 64] : tensor<64x64xbf16> -> !w
      tile.store %gu, %es[%b, %i, %h] dims [1] limits [%left] : tensor<64xf32> -> !g
      %S1 = linalg.contract indexing_maps = [affine_map<(m, n, k) -> (k, m)>, affine_map<(m, n, k) -> (k, n)>, affine_map<(m, n, k) -> (m, n)>]
        ins(%xu, %wt : tensor<64x64xbf16>, tensor<64x64xbf16>) outs(%S : tensor<64x64xf32>) -> tensor<64x64xf32>
      scf.yield %S1 : tensor<64x64xf32>
    }
    tile.store %r, %s[%b, %h, 0, 0] dims [2, 3] limits [64, 64] : tensor<64x64xf32> -> !s
    tile.return
  }
}
