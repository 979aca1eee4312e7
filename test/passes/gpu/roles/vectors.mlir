// Small tiles that `vectors` computes.
// RUN: mixer-opt %s --tile-assign-roles --split-input-file | FileCheck %s

// The load, what is computed from it, and of that what others read; the tiles before the loop that it needs.
// CHECK-LABEL: tile.kernel @chain
// CHECK-SAME: #gpu_tile.role<role = vectors, first = 1, warps = 1, parts = 2, turns = true>
// CHECK: tile.load {{.*}} {gpu_tile.work = #gpu_tile.work<[vectors]>}
// CHECK: scf.for
// CHECK: tile.load %arg8{{.*}} {gpu_tile.work = #gpu_tile.work<[vectors]>}
// CHECK: linalg.generic
// CHECK: gpu_tile.work = #gpu_tile.work<[vectors]>
// CHECK: linalg.generic
// CHECK: gpu_tile.work = #gpu_tile.work<[vectors], through = [!gpu_tile.shared<64xf32>]>
// CHECK: linalg.generic
// CHECK: gpu_tile.work = #gpu_tile.work<[compute]
!x = memref<?x?x2x64xbf16, strided<[?, ?, ?, ?], offset: ?>>
!v = memref<?x?x2xf32, strided<[?, ?, ?], offset: ?>>
!s = memref<?x2x64x64xf32, strided<[?, ?, ?, ?], offset: ?>>
#mk = affine_map<(m, n, k) -> (m, k)>
#nk = affine_map<(m, n, k) -> (n, k)>
#km = affine_map<(m, n, k) -> (k, m)>
#kn = affine_map<(m, n, k) -> (k, n)>
#mn = affine_map<(m, n, k) -> (m, n)>
#id = affine_map<(i, j) -> (i, j)>
tile.program @p of @spec plan #mixer.algorithm<chunked, chunk = 64, operand = bf16, stages = 2, warps = 4, family = sm_90a> buffers [] {
  tile.kernel @chain(%block: index, %B: index, %T: index, %splits: index, %span: index, %q: !x, %k: !x, %v: !x, %g: !v, %o: !x, %s: !s) attributes {grid = #tile.grid<blocks = 1>} {
    %c0 = arith.constant 0 : index
    %c64 = arith.constant 64 : index
    %h = arith.constant 0 : index
    %zero = arith.constant dense<0.0> : tensor<64x64xf32>
    %first = tile.load %g[0, 0, %h] dims [1] limits [64] : !v -> tensor<64xf32>
    %end = scf.for %i = %c0 to %T step %c64 iter_args(%S = %zero) -> (tensor<64x64xf32>) {
      %left = arith.subi %T, %i : index
      %kt = tile.load %k[0, %i, %h, 0] dims [1, 3] limits [%left, 64] : !x -> tensor<64x64xbf16>
      %vt = tile.load %v[0, %i, %h, 0] dims [1, 3] limits [%left, 64] : !x -> tensor<64x64xbf16>
      %gt = tile.load %g[0, %i, %h] dims [1] limits [%left] : !v -> tensor<64xf32>
      %ve = tensor.empty() : tensor<64xf32>
      %w = linalg.generic {indexing_maps = [affine_map<(i) -> (i)>, affine_map<(i) -> (i)>, affine_map<(i) -> (i)>], iterator_types = ["parallel"]} ins(%gt, %first : tensor<64xf32>, tensor<64xf32>) outs(%ve : tensor<64xf32>) {
      ^bb0(%wv: f32, %wf: f32, %wo: f32):
        %wt = math.exp2 %wv : f32
        linalg.yield %wt : f32
      } -> tensor<64xf32>
      %w2 = linalg.generic {indexing_maps = [affine_map<(i) -> (i)>, affine_map<(i) -> (i)>], iterator_types = ["parallel"]} ins(%w : tensor<64xf32>) outs(%ve : tensor<64xf32>) {
      ^bb0(%uv: f32, %uo: f32):
        %ut = arith.addf %uv, %uv : f32
        linalg.yield %ut : f32
      } -> tensor<64xf32>
      %e = tensor.empty() : tensor<64x64xbf16>
      %kw = linalg.generic {indexing_maps = [#id, affine_map<(i, j) -> (i)>, #id], iterator_types = ["parallel", "parallel"]} ins(%kt, %w2 : tensor<64x64xbf16>, tensor<64xf32>) outs(%e : tensor<64x64xbf16>) {
      ^bb0(%kwv: bf16, %kww: f32, %kwo: bf16):
        %kwa = arith.extf %kwv : bf16 to f32
        %kwb = arith.mulf %kwa, %kww : f32
        %kwt = arith.truncf %kwb : f32 to bf16
        linalg.yield %kwt : bf16
      } -> tensor<64x64xbf16>
      %next = linalg.contract indexing_maps = [#km, #kn, #mn] ins(%kw, %vt : tensor<64x64xbf16>, tensor<64x64xbf16>) outs(%S : tensor<64x64xf32>) -> tensor<64x64xf32>
      scf.yield %next : tensor<64x64xf32>
    }
    tile.store %end, %s[0, %h, 0, 0] dims [2, 3] limits [64, 64] : tensor<64x64xf32> -> !s
    tile.return
  }
}

// -----

// Two parts of large states leave no registers for warps that take turns: each part has a warp.
// CHECK-LABEL: tile.kernel @beside
// CHECK-SAME: #gpu_tile.role<role = vectors, first = 1, warps = 1, parts = 2>
!x = memref<?x?x2x64xbf16, strided<[?, ?, ?, ?], offset: ?>>
!v = memref<?x?x2xf32, strided<[?, ?, ?], offset: ?>>
!s = memref<?x2x64x64xf32, strided<[?, ?, ?, ?], offset: ?>>
#mk = affine_map<(m, n, k) -> (m, k)>
#nk = affine_map<(m, n, k) -> (n, k)>
#km = affine_map<(m, n, k) -> (k, m)>
#kn = affine_map<(m, n, k) -> (k, n)>
#mn = affine_map<(m, n, k) -> (m, n)>
#id = affine_map<(i, j) -> (i, j)>
tile.program @p of @spec plan #mixer.algorithm<chunked, chunk = 64, operand = bf16, stages = 2, warps = 8, family = sm_90a, parts = 2> buffers [] {
  tile.kernel @beside(%block: index, %B: index, %T: index, %splits: index, %span: index, %q: !x, %k: !x, %v: !x, %g: !v, %o: !x, %s: !s) attributes {grid = #tile.grid<blocks = 1>} {
    %c0 = arith.constant 0 : index
    %c64 = arith.constant 64 : index
    %h = tile.part of 2
    %zero = arith.constant dense<0.0> : tensor<64x64xf32>
    %end, %end2 = scf.for %i = %c0 to %T step %c64 iter_args(%S = %zero, %S2 = %zero) -> (tensor<64x64xf32>, tensor<64x64xf32>) {
      %left = arith.subi %T, %i : index
      %qt = tile.load %q[0, %i, %h, 0] dims [1, 3] limits [%left, 64] : !x -> tensor<64x64xbf16>
      %kt = tile.load %k[0, %i, %h, 0] dims [1, 3] limits [%left, 64] : !x -> tensor<64x64xbf16>
      %vt = tile.load %v[0, %i, %h, 0] dims [1, 3] limits [%left, 64] : !x -> tensor<64x64xbf16>
      %gt = tile.load %g[0, %i, %h] dims [1] limits [%left] : !v -> tensor<64xf32>
      %e = tensor.empty() : tensor<64x64xbf16>
      %sc = linalg.contract indexing_maps = [#mk, #nk, #mn] ins(%qt, %kt : tensor<64x64xbf16>, tensor<64x64xbf16>) outs(%zero : tensor<64x64xf32>) -> tensor<64x64xf32>
      %W = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]} ins(%sc : tensor<64x64xf32>) outs(%e : tensor<64x64xbf16>) {
      ^bb0(%Wv: f32, %Wo: bf16):
        %Wt = arith.truncf %Wv : f32 to bf16
        linalg.yield %Wt : bf16
      } -> tensor<64x64xbf16>
      %yf = linalg.contract indexing_maps = [#mk, #kn, #mn] ins(%W, %vt : tensor<64x64xbf16>, tensor<64x64xbf16>) outs(%zero : tensor<64x64xf32>) -> tensor<64x64xf32>
      %y = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]} ins(%yf : tensor<64x64xf32>) outs(%e : tensor<64x64xbf16>) {
      ^bb0(%yv: f32, %yo: bf16):
        %yt = arith.truncf %yv : f32 to bf16
        linalg.yield %yt : bf16
      } -> tensor<64x64xbf16>
      tile.store %y, %o[0, %i, %h, 0] dims [1, 3] limits [%left, 64] : tensor<64x64xbf16> -> !x
      %kw = linalg.generic {indexing_maps = [#id, affine_map<(i, j) -> (i)>, #id], iterator_types = ["parallel", "parallel"]} ins(%kt, %gt : tensor<64x64xbf16>, tensor<64xf32>) outs(%e : tensor<64x64xbf16>) {
      ^bb0(%kwv: bf16, %kww: f32, %kwo: bf16):
        %kwa = arith.extf %kwv : bf16 to f32
        %kwb = arith.mulf %kwa, %kww : f32
        %kwt = arith.truncf %kwb : f32 to bf16
        linalg.yield %kwt : bf16
      } -> tensor<64x64xbf16>
      %next = linalg.contract indexing_maps = [#km, #kn, #mn] ins(%kw, %vt : tensor<64x64xbf16>, tensor<64x64xbf16>) outs(%S : tensor<64x64xf32>) -> tensor<64x64xf32>
      %next2 = linalg.contract indexing_maps = [#km, #kn, #mn] ins(%kt, %vt : tensor<64x64xbf16>, tensor<64x64xbf16>) outs(%S2 : tensor<64x64xf32>) -> tensor<64x64xf32>
      scf.yield %next, %next2 : tensor<64x64xf32>, tensor<64x64xf32>
    }
    tile.store %end, %s[0, %h, 0, 0] dims [2, 3] limits [64, 64] : tensor<64x64xf32> -> !s
    tile.return
  }
}

// -----

// A factor of a product is none of theirs: it has a form of its own, which those who multiply give it.
// CHECK-LABEL: tile.kernel @factor
// CHECK: tile.load %arg8{{.*}} #gpu_tile.work<[vectors], through
// CHECK: linalg.generic {{.*}} #gpu_tile.work<[compute], order
// CHECK: linalg.contract
!x = memref<?x?x2x64xbf16, strided<[?, ?, ?, ?], offset: ?>>
!v = memref<?x?x2xf32, strided<[?, ?, ?], offset: ?>>
!s = memref<?x2x64x64xf32, strided<[?, ?, ?, ?], offset: ?>>
#mk = affine_map<(m, n, k) -> (m, k)>
#nk = affine_map<(m, n, k) -> (n, k)>
#km = affine_map<(m, n, k) -> (k, m)>
#kn = affine_map<(m, n, k) -> (k, n)>
#mn = affine_map<(m, n, k) -> (m, n)>
#id = affine_map<(i, j) -> (i, j)>
tile.program @p of @spec plan #mixer.algorithm<chunked, chunk = 64, operand = bf16, stages = 2, warps = 4, family = sm_90a> buffers [] {
  tile.kernel @factor(%block: index, %B: index, %T: index, %splits: index, %span: index, %q: !x, %k: !x, %v: !x, %g: !v, %o: !x, %s: !s) attributes {grid = #tile.grid<blocks = 1>} {
    %c0 = arith.constant 0 : index
    %c64 = arith.constant 64 : index
    %h = arith.constant 0 : index
    %zero = arith.constant dense<0.0> : tensor<64x64xf32>
    %end = scf.for %i = %c0 to %T step %c64 iter_args(%S = %zero) -> (tensor<64x64xf32>) {
      %left = arith.subi %T, %i : index
      %kt = tile.load %k[0, %i, %h, 0] dims [1, 3] limits [%left, 64] : !x -> tensor<64x64xbf16>
      %gt = tile.load %g[0, %i, %h] dims [1] limits [%left] : !v -> tensor<64xf32>
      %e16 = tensor.empty() : tensor<64x16xbf16>
      %narrow = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i)>, #id], iterator_types = ["parallel", "parallel"]} ins(%gt : tensor<64xf32>) outs(%e16 : tensor<64x16xbf16>) {
      ^bb0(%nv: f32, %no: bf16):
        %nt = arith.truncf %nv : f32 to bf16
        linalg.yield %nt : bf16
      } -> tensor<64x16xbf16>
      %z16 = arith.constant dense<0.0> : tensor<64x16xf32>
      %y16 = linalg.contract indexing_maps = [#km, #kn, #mn] ins(%kt, %narrow : tensor<64x64xbf16>, tensor<64x16xbf16>) outs(%z16 : tensor<64x16xf32>) -> tensor<64x16xf32>
      tile.store %y16, %s[0, %h, 0, 0] dims [2, 3] limits [64, 16] : tensor<64x16xf32> -> !s
      %next = linalg.contract indexing_maps = [#km, #kn, #mn] ins(%kt, %kt : tensor<64x64xbf16>, tensor<64x64xbf16>) outs(%S : tensor<64x64xf32>) -> tensor<64x64xf32>
      scf.yield %next : tensor<64x64xf32>
    }
    tile.store %end, %s[0, %h, 0, 0] dims [2, 3] limits [64, 64] : tensor<64x64xf32> -> !s
    tile.return
  }
}

// -----

// A small tile that depends on what the loop carries is none of theirs.
// CHECK-LABEL: tile.kernel @carried
// CHECK-NOT: role = vectors
// CHECK: tile.load %arg8{{.*}} #gpu_tile.work<[compute], order
!x = memref<?x?x2x64xbf16, strided<[?, ?, ?, ?], offset: ?>>
!v = memref<?x?x2xf32, strided<[?, ?, ?], offset: ?>>
!s = memref<?x2x64x64xf32, strided<[?, ?, ?, ?], offset: ?>>
#mk = affine_map<(m, n, k) -> (m, k)>
#nk = affine_map<(m, n, k) -> (n, k)>
#km = affine_map<(m, n, k) -> (k, m)>
#kn = affine_map<(m, n, k) -> (k, n)>
#mn = affine_map<(m, n, k) -> (m, n)>
#id = affine_map<(i, j) -> (i, j)>
tile.program @p of @spec plan #mixer.algorithm<chunked, chunk = 64, operand = bf16, stages = 2, warps = 4, family = sm_90a> buffers [] {
  tile.kernel @carried(%block: index, %B: index, %T: index, %splits: index, %span: index, %q: !x, %k: !x, %v: !x, %g: !v, %o: !x, %s: !s) attributes {grid = #tile.grid<blocks = 1>} {
    %c0 = arith.constant 0 : index
    %c64 = arith.constant 64 : index
    %h = arith.constant 0 : index
    %zero = arith.constant dense<0.0> : tensor<64x64xf32>
    %end, %last = scf.for %i = %c0 to %T step %c64 iter_args(%S = %zero, %at = %c0) -> (tensor<64x64xf32>, index) {
      %left = arith.subi %T, %i : index
      %kt = tile.load %k[0, %i, %h, 0] dims [1, 3] limits [%left, 64] : !x -> tensor<64x64xbf16>
      %vt = tile.load %v[0, %i, %h, 0] dims [1, 3] limits [%left, 64] : !x -> tensor<64x64xbf16>
      %gt = tile.load %g[0, %at, %h] dims [1] limits [%left] : !v -> tensor<64xf32>
      %again = arith.subi %T, %i : index
      %e = tensor.empty() : tensor<64x64xbf16>
      %kw = linalg.generic {indexing_maps = [#id, affine_map<(i, j) -> (i)>, #id], iterator_types = ["parallel", "parallel"]} ins(%kt, %gt : tensor<64x64xbf16>, tensor<64xf32>) outs(%e : tensor<64x64xbf16>) {
      ^bb0(%kwv: bf16, %kww: f32, %kwo: bf16):
        %kwa = arith.extf %kwv : bf16 to f32
        %kwb = arith.mulf %kwa, %kww : f32
        %kwt = arith.truncf %kwb : f32 to bf16
        linalg.yield %kwt : bf16
      } -> tensor<64x64xbf16>
      %next = linalg.contract indexing_maps = [#km, #kn, #mn] ins(%kw, %vt : tensor<64x64xbf16>, tensor<64x64xbf16>) outs(%S : tensor<64x64xf32>) -> tensor<64x64xf32>
      scf.yield %next, %again : tensor<64x64xf32>, index
    }
    tile.store %end, %s[0, %h, 0, 0] dims [2, 3] limits [64, 64] : tensor<64x64xf32> -> !s
    tile.return
  }
}
