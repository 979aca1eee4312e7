// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Two states, carried by one loop.
!x = memref<?x?x2x64xbf16, strided<[?, ?, ?, ?], offset: ?>>
!f = memref<?x?x2x64xf32, strided<[?, ?, ?, ?], offset: ?>>
!s = memref<?x2x64x64xf32, strided<[?, ?, ?, ?], offset: ?>>
!r = memref<?x?x2x64x64xf32, strided<[?, ?, ?, ?, ?], offset: ?>>

mixer.spec @two_states(%q: [B,T,H,N] io, %k: [B,T,H,N] io, %v: [B,T,H,P] io, %w: [B,T,H,N] io, %u: [B,T,H,P] io, %g: [B,T,H,N], %a: [B,T,H,N,P])
    -> (%s: [B,H,P,N], %r: [B,T,H,N,P]) {
  %y, %S = mixer.semiseparable x = %v, b = %k, c = %q
  %R = mixer.map(%a) { (a) -> a }
  mixer.return %S, %R
}

tile.program @two_states_tiles of @two_states plan #mixer.algorithm<chunked, chunk = 64, operand = bf16, stages = 2, warps = 4, family = portable> buffers [] {
  tile.kernel @k(%block: index, %B: index, %T: index, %splits: index, %span: index, %q: !x, %k: !x, %v: !x, %w: !x, %u: !x, %g: !f, %a: !r, %s: !s, %r: !r) attributes {grid = #tile.grid<blocks = 2, batch = true>} {
    %c0 = arith.constant 0 : index
    %c2 = arith.constant 2 : index
    %b = arith.divui %block, %c2 : index
    %h = arith.remui %block, %c2 : index
    %c64 = arith.constant 64 : index
    %zero = arith.constant dense<0.0> : tensor<64x64xf32>
    %l:2 = scf.for %i = %c0 to %T step %c64 iter_args(%S = %zero, %R = %zero) -> (tensor<64x64xf32>, tensor<64x64xf32>) {
      %left = arith.subi %T, %i : index
      %qt = tile.load %q[%b, %i, %h, 0] dims [1, 3] limits [%left, 64] : !x -> tensor<64x64xbf16>
      %kt = tile.load %k[%b, %i, %h, 0] dims [1, 3] limits [%left, 64] : !x -> tensor<64x64xbf16>
      %vt = tile.load %v[%b, %i, %h, 0] dims [1, 3] limits [%left, 64] : !x -> tensor<64x64xbf16>
      %S1 = linalg.contract indexing_maps = [affine_map<(m, n, k) -> (k, m)>, affine_map<(m, n, k) -> (k, n)>, affine_map<(m, n, k) -> (m, n)>]
        ins(%vt, %kt : tensor<64x64xbf16>, tensor<64x64xbf16>) outs(%S : tensor<64x64xf32>) -> tensor<64x64xf32>
      %R1 = linalg.contract indexing_maps = [affine_map<(m, n, k) -> (k, m)>, affine_map<(m, n, k) -> (k, n)>, affine_map<(m, n, k) -> (m, n)>]
        ins(%qt, %vt : tensor<64x64xbf16>, tensor<64x64xbf16>) outs(%R : tensor<64x64xf32>) -> tensor<64x64xf32>
      scf.yield %S1, %R1 : tensor<64x64xf32>, tensor<64x64xf32>
    }
    tile.store %l#0, %s[%b, %h, 0, 0] dims [2, 3] limits [64, 64] : tensor<64x64xf32> -> !s
    tile.store %l#1, %r[%b, 0, %h, 0, 0] dims [3, 4] limits [64, 64] : tensor<64x64xf32> -> !r
    tile.return
  }
}
