// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Mamba-2 as a kernel written by hand schedules it: chunks of 64, a head's state transposed where it is carried. Sums of decays of a chunk
// are made by warps of their own; a warpgroup makes its weights a chunk ahead, exp(cum_t - cum_s) d_s (C B^T) with D on the diagonal, so
// that x is an operand alone; and the state is read, scaled by token, and updated with rows of x that carry their decay to the chunk's end.
!x = memref<?x?x2x64xbf16, strided<[?, ?, ?, ?], offset: ?>>
!b = memref<?x?x64xbf16, strided<[?, ?, ?], offset: ?>>
!d = memref<?x?x2xbf16, strided<[?, ?, ?], offset: ?>>
!h = memref<2xf32, strided<[?], offset: ?>>
!s = memref<?x2x64x64xf32, strided<[?, ?, ?, ?], offset: ?>>
#mk = affine_map<(m, n, k) -> (m, k)>
#nk = affine_map<(m, n, k) -> (n, k)>
#km = affine_map<(m, n, k) -> (k, m)>
#kn = affine_map<(m, n, k) -> (k, n)>
#mn = affine_map<(m, n, k) -> (m, n)>
#ij = affine_map<(i, j) -> (i, j)>
#first = affine_map<(i, j) -> (i)>
#row = affine_map<(i, j) -> (0, i)>
#column = affine_map<(i, j) -> (0, j)>
#end = affine_map<(i, j) -> (0, 63)>

mixer.spec @ssd_study(%x: [B,T,H,P] io, %dt: [B,T,H] io, %dt_bias: [H], %A: [H], %B: [B,T,N] io, %C: [B,T,N] io, %D: [H],
                      %h0: [B,H,P,N] optional) -> (%y: [B,T,H,P] io, %hT: [B,H,P,N] optional) {
  %d  = mixer.map(%dt, %dt_bias) { (t, b) -> softplus(t + b) }
  %g  = mixer.map(%d, %A)        { (d, a) -> -d * abs(a) }
  %dx = mixer.map(%d, %x)        { (d, x) -> d * x }
  %o, %S = mixer.semiseparable x = %dx, b = %B, c = %C, decay = %g, init = %h0
  %y  = mixer.map(%o, %D, %x)    { (o, s, x) -> o + s * x }
  mixer.return %y, %S
}

tile.program @ssd_study_tiles of @ssd_study plan #mixer.algorithm<chunked, chunk = 64, operand = bf16, stages = 3, warps = 4, family = portable> buffers [] {
  tile.kernel @k(%block: index, %batches: index, %T: index, %splits: index, %span: index, %x: !x, %dt: !d, %dt_bias: !h, %A: !h, %B: !b, %C: !b, %D: !h, %h0: !s, %y: !x, %hT: !s) attributes {grid = #tile.grid<blocks = 2, batch = true>} {
    %c0 = arith.constant 0 : index
    %c2 = arith.constant 2 : index
    %c64 = arith.constant 64 : index
    %zero = arith.constant 0.0 : f32
    %log2e = arith.constant 1.44269502 : f32
    %none = arith.constant dense<0.0> : tensor<64x64xf32>
    %b = arith.divui %block, %c2 : index
    %h = arith.remui %block, %c2 : index
    %init = tile.load %h0[%b, %h, 0, 0] dims [2, 3] limits [64, 64] optional : !s -> tensor<64x64xf32>
    %biases = tile.load %dt_bias[%h] dims [0] limits [1] : !h -> tensor<1xf32>
    %As = tile.load %A[%h] dims [0] limits [1] : !h -> tensor<1xf32>
    %Ds = tile.load %D[%h] dims [0] limits [1] : !h -> tensor<1xf32>
    %last = scf.for %i = %c0 to %T step %c64 iter_args(%S = %init) -> (tensor<64x64xf32>) {
      %left = arith.subi %T, %i : index
      %eT = tensor.empty() : tensor<1x64xf32>
      %eS = tensor.empty() : tensor<64x64xf32>
      %eB = tensor.empty() : tensor<64x64xbf16>
      %dts = tile.load %dt[%b, %i, %h] dims [2, 1] limits [1, %left] : !d -> tensor<1x64xf32>
      %Bt = tile.load %B[%b, %i, 0] dims [1, 2] limits [%left, 64] : !b -> tensor<64x64xbf16>
      %Ct = tile.load %C[%b, %i, 0] dims [1, 2] limits [%left, 64] : !b -> tensor<64x64xbf16>
      %xt = tile.load %x[%b, %i, %h, 0] dims [1, 3] limits [%left, 64] : !x -> tensor<64x64xbf16>
      // Steps and log2 of decays; both are 0 behind the last token.
      %steps = linalg.generic {indexing_maps = [#ij, #first, #ij], iterator_types = ["parallel", "parallel"]} ins(%dts, %biases : tensor<1x64xf32>, tensor<1xf32>) outs(%eT : tensor<1x64xf32>) {
      ^bb0(%a0: f32, %a1: f32, %old: f32):
        %sum = arith.addf %a0, %a1 : f32
        %positive = arith.maximumf %sum, %zero : f32
        %size = math.absf %sum : f32
        %down = arith.negf %size : f32
        %power = math.exp %down : f32
        %log = math.log1p %power : f32
        %step = arith.addf %positive, %log : f32
        %at = linalg.index 1 : index
        %isToken = arith.cmpi slt, %at, %left : index
        %kept = arith.select %isToken, %step, %zero : f32
        linalg.yield %kept : f32
      } -> tensor<1x64xf32>
      %decays = linalg.generic {indexing_maps = [#ij, #first, #ij], iterator_types = ["parallel", "parallel"]} ins(%steps, %As : tensor<1x64xf32>, tensor<1xf32>) outs(%eT : tensor<1x64xf32>) {
      ^bb0(%a0: f32, %a1: f32, %old: f32):
        %size = math.absf %a1 : f32
        %down = arith.negf %size : f32
        %decay = arith.mulf %a0, %down : f32
        %ofTwo = arith.mulf %decay, %log2e : f32
        linalg.yield %ofTwo : f32
      } -> tensor<1x64xf32>
      %cum, %resets = tile.cumsum %decays : tensor<1x64xf32>
      %fromStart = linalg.generic {indexing_maps = [#ij, #ij], iterator_types = ["parallel", "parallel"]} ins(%cum : tensor<1x64xf32>) outs(%eT : tensor<1x64xf32>) {
      ^bb0(%a0: f32, %old: f32):
        %power = math.exp2 %a0 : f32
        linalg.yield %power : f32
      } -> tensor<1x64xf32>
      %toEnd = linalg.generic {indexing_maps = [#end, #ij, #ij, #ij], iterator_types = ["parallel", "parallel"]} ins(%cum, %cum, %steps : tensor<1x64xf32>, tensor<1x64xf32>, tensor<1x64xf32>) outs(%eT : tensor<1x64xf32>) {
      ^bb0(%a0: f32, %a1: f32, %a2: f32, %old: f32):
        %reach = arith.subf %a0, %a1 : f32
        %power = math.exp2 %reach : f32
        %scaled = arith.mulf %a2, %power : f32
        linalg.yield %scaled : f32
      } -> tensor<1x64xf32>
      %own = linalg.generic {indexing_maps = [#first, #ij], iterator_types = ["parallel", "parallel"]} ins(%Ds : tensor<1xf32>) outs(%eT : tensor<1x64xf32>) {
      ^bb0(%a0: f32, %old: f32):
        linalg.yield %a0 : f32
      } -> tensor<1x64xf32>
      // The weights, of rows t and columns s.
      %G = linalg.contract indexing_maps = [#mk, #nk, #mn] ins(%Ct, %Bt : tensor<64x64xbf16>, tensor<64x64xbf16>) outs(%none : tensor<64x64xf32>) -> tensor<64x64xf32>
      %W = linalg.generic {indexing_maps = [#ij, #row, #column, #column, #column, #ij], iterator_types = ["parallel", "parallel"]} ins(%G, %cum, %cum, %steps, %own : tensor<64x64xf32>, tensor<1x64xf32>, tensor<1x64xf32>, tensor<1x64xf32>, tensor<1x64xf32>) outs(%eB : tensor<64x64xbf16>) {
      ^bb0(%a0: f32, %a1: f32, %a2: f32, %a3: f32, %a4: f32, %old: bf16):
        %t = linalg.index 0 : index
        %s = linalg.index 1 : index
        %reach = arith.subf %a1, %a2 : f32
        %power = math.exp2 %reach : f32
        %stepped = arith.mulf %a0, %a3 : f32
        %weight = arith.mulf %stepped, %power : f32
        %isOwn = arith.cmpi eq, %s, %t : index
        %added = arith.addf %weight, %a4 : f32
        %with = arith.select %isOwn, %added, %weight : f32
        %isBefore = arith.cmpi ule, %s, %t : index
        %kept = arith.select %isBefore, %with, %zero : f32
        %narrow = arith.truncf %kept : f32 to bf16
        linalg.yield %narrow : bf16
      } -> tensor<64x64xbf16>
      // What the state gives, scaled by token, and what the chunk's own tokens add.
      %Sb = linalg.generic {indexing_maps = [#ij, #ij], iterator_types = ["parallel", "parallel"]} ins(%S : tensor<64x64xf32>) outs(%eB : tensor<64x64xbf16>) {
      ^bb0(%a0: f32, %old: bf16):
        %narrow = arith.truncf %a0 : f32 to bf16
        linalg.yield %narrow : bf16
      } -> tensor<64x64xbf16>
      %read = linalg.contract indexing_maps = [#mk, #nk, #mn] ins(%Sb, %Ct : tensor<64x64xbf16>, tensor<64x64xbf16>) outs(%none : tensor<64x64xf32>) -> tensor<64x64xf32>
      %decayed = linalg.generic {indexing_maps = [#ij, #column, #ij], iterator_types = ["parallel", "parallel"]} ins(%read, %fromStart : tensor<64x64xf32>, tensor<1x64xf32>) outs(%eS : tensor<64x64xf32>) {
      ^bb0(%a0: f32, %a1: f32, %old: f32):
        %scaled = arith.mulf %a0, %a1 : f32
        linalg.yield %scaled : f32
      } -> tensor<64x64xf32>
      %sum = linalg.contract indexing_maps = [#km, #nk, #mn] ins(%xt, %W : tensor<64x64xbf16>, tensor<64x64xbf16>) outs(%decayed : tensor<64x64xf32>) -> tensor<64x64xf32>
      %yt = linalg.generic {indexing_maps = [#ij, #ij], iterator_types = ["parallel", "parallel"]} ins(%sum : tensor<64x64xf32>) outs(%eB : tensor<64x64xbf16>) {
      ^bb0(%a0: f32, %old: bf16):
        %narrow = arith.truncf %a0 : f32 to bf16
        linalg.yield %narrow : bf16
      } -> tensor<64x64xbf16>
      tile.store %yt, %y[%b, %i, %h, 0] dims [3, 1] limits [64, %left] : tensor<64x64xbf16> -> !x
      %xw = linalg.generic {indexing_maps = [#ij, #row, #ij], iterator_types = ["parallel", "parallel"]} ins(%xt, %toEnd : tensor<64x64xbf16>, tensor<1x64xf32>) outs(%eB : tensor<64x64xbf16>) {
      ^bb0(%a0: bf16, %a1: f32, %old: bf16):
        %wide = arith.extf %a0 : bf16 to f32
        %scaled = arith.mulf %wide, %a1 : f32
        %narrow = arith.truncf %scaled : f32 to bf16
        linalg.yield %narrow : bf16
      } -> tensor<64x64xbf16>
      %kept = linalg.generic {indexing_maps = [#ij, #end, #ij], iterator_types = ["parallel", "parallel"]} ins(%S, %fromStart : tensor<64x64xf32>, tensor<1x64xf32>) outs(%eS : tensor<64x64xf32>) {
      ^bb0(%a0: f32, %a1: f32, %old: f32):
        %scaled = arith.mulf %a0, %a1 : f32
        linalg.yield %scaled : f32
      } -> tensor<64x64xf32>
      %next = linalg.contract indexing_maps = [#km, #kn, #mn] ins(%xw, %Bt : tensor<64x64xbf16>, tensor<64x64xbf16>) outs(%kept : tensor<64x64xf32>) -> tensor<64x64xf32>
      scf.yield %next : tensor<64x64xf32>
    }
    tile.store %last, %hT[%b, %h, 0, 0] dims [2, 3] limits [64, 64] optional : tensor<64x64xf32> -> !s
    tile.return
  }
}
