// The warps and registers of the roles.
// RUN: mixer-opt %s --tile-assign-roles --split-input-file | FileCheck %s

// One part with early work: registers for all, and vectors in turns.
// CHECK-LABEL: tile.kernel @one
// CHECK-SAME: gpu_tile.roles = [#gpu_tile.role<role = helpers, first = 0, warps = 4, registers = 56>, #gpu_tile.role<role = fetch, first = 0, warps = 1, single = true>, #gpu_tile.role<role = vectors, first = 1, warps = 1, parts = 2, turns = true>, #gpu_tile.role<role = flush, first = 3, warps = 1, single = true>, #gpu_tile.role<role = early, first = 4, warps = 4, registers = 208>, #gpu_tile.role<role = compute, first = 8, warps = 4, registers = 240>]
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
  tile.kernel @one(%block: index, %B: index, %T: index, %splits: index, %span: index, %q: !x, %k: !x, %v: !x, %g: !v, %o: !x, %s: !s) attributes {grid = #tile.grid<blocks = 1>} {
    %c0 = arith.constant 0 : index
    %c64 = arith.constant 64 : index
    %h = arith.constant 0 : index
    %zero = arith.constant dense<0.0> : tensor<64x64xf32>
    %end = scf.for %i = %c0 to %T step %c64 iter_args(%S = %zero) -> (tensor<64x64xf32>) {
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
      scf.yield %next : tensor<64x64xf32>
    }
    tile.store %end, %s[0, %h, 0, 0] dims [2, 3] limits [64, 64] : tensor<64x64xf32> -> !s
    tile.return
  }
}

// -----

// Two parts of larger states share them.
// CHECK-LABEL: tile.kernel @two
// CHECK-SAME: role = helpers, first = 0, warps = 4, registers = 40>
// CHECK-SAME: role = vectors, first = 1, warps = 1, parts = 2>
// CHECK-SAME: role = early, first = 4, warps = 4, registers = 104>
// CHECK-SAME: role = compute, first = 8, warps = 4, parts = 2, registers = 184>]
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
  tile.kernel @two(%block: index, %B: index, %T: index, %splits: index, %span: index, %q: !x, %k: !x, %v: !x, %g: !v, %o: !x, %s: !s) attributes {grid = #tile.grid<blocks = 1>} {
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

// Nothing to compute but the state: two warpgroups, with the registers that they got at launch.
// CHECK-LABEL: tile.kernel @least
// CHECK-SAME: gpu_tile.roles = [#gpu_tile.role<role = helpers, first = 0, warps = 4>, #gpu_tile.role<role = fetch, first = 0, warps = 1, single = true>, #gpu_tile.role<role = compute, first = 4, warps = 4>]
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
  tile.kernel @least(%block: index, %B: index, %T: index, %splits: index, %span: index, %q: !x, %k: !x, %v: !x, %g: !v, %o: !x, %s: !s) attributes {grid = #tile.grid<blocks = 1>} {
    %c0 = arith.constant 0 : index
    %c64 = arith.constant 64 : index
    %h = arith.constant 0 : index
    %zero = arith.constant dense<0.0> : tensor<64x64xf32>
    %end = scf.for %i = %c0 to %T step %c64 iter_args(%S = %zero) -> (tensor<64x64xf32>) {
      %left = arith.subi %T, %i : index
      %kt = tile.load %k[0, %i, %h, 0] dims [1, 3] limits [%left, 64] : !x -> tensor<64x64xbf16>
      %vt = tile.load %v[0, %i, %h, 0] dims [1, 3] limits [%left, 64] : !x -> tensor<64x64xbf16>
      %next = linalg.contract indexing_maps = [#km, #kn, #mn] ins(%kt, %vt : tensor<64x64xbf16>, tensor<64x64xbf16>) outs(%S : tensor<64x64xf32>) -> tensor<64x64xf32>
      scf.yield %next : tensor<64x64xf32>
    }
    tile.store %end, %s[0, %h, 0, 0] dims [2, 3] limits [64, 64] : tensor<64x64xf32> -> !s
    tile.return
  }
}

// -----

// No tile that a bulk copy can fetch, or a portable plan: no roles.
// CHECK-LABEL: tile.kernel @none
// CHECK-NOT: gpu_tile
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
  tile.kernel @none(%block: index, %B: index, %T: index, %splits: index, %span: index, %q: !x, %k: !x, %v: !x, %g: !v, %o: !x, %s: !s) attributes {grid = #tile.grid<blocks = 1>} {
    %c0 = arith.constant 0 : index
    %c64 = arith.constant 64 : index
    %h = arith.constant 0 : index
    %zero = arith.constant dense<0.0> : tensor<64x64xf32>
    %end = scf.for %i = %c0 to %T step %c64 iter_args(%S = %zero) -> (tensor<64x64xf32>) {
      %left = arith.subi %T, %i : index
      %kt = tile.load %k[0, %i, %h, 0] dims [1, 3] limits [32, 64] : !x -> tensor<64x64xbf16>
      %vt = tile.load %v[0, %i, %h, 0] dims [1, 3] limits [32, 64] : !x -> tensor<64x64xbf16>
      %next = linalg.contract indexing_maps = [#km, #kn, #mn] ins(%kt, %vt : tensor<64x64xbf16>, tensor<64x64xbf16>) outs(%S : tensor<64x64xf32>) -> tensor<64x64xf32>
      scf.yield %next : tensor<64x64xf32>
    }
    tile.store %end, %s[0, %h, 0, 0] dims [2, 3] limits [64, 64] : tensor<64x64xf32> -> !s
    tile.return
  }
}

// -----

!x = memref<?x?x2x64xbf16, strided<[?, ?, ?, ?], offset: ?>>
!v = memref<?x?x2xf32, strided<[?, ?, ?], offset: ?>>
!s = memref<?x2x64x64xf32, strided<[?, ?, ?, ?], offset: ?>>
#mk = affine_map<(m, n, k) -> (m, k)>
#nk = affine_map<(m, n, k) -> (n, k)>
#km = affine_map<(m, n, k) -> (k, m)>
#kn = affine_map<(m, n, k) -> (k, n)>
#mn = affine_map<(m, n, k) -> (m, n)>
#id = affine_map<(i, j) -> (i, j)>
tile.program @p of @spec plan #mixer.algorithm<chunked, chunk = 64, operand = bf16, stages = 2, warps = 4, family = portable> buffers [] {
  // CHECK-LABEL: tile.kernel @plain
  // CHECK-NOT: gpu_tile
  tile.kernel @plain(%block: index, %B: index, %T: index, %splits: index, %span: index, %q: !x, %k: !x, %v: !x, %g: !v, %o: !x, %s: !s) attributes {grid = #tile.grid<blocks = 1>} {
    %c0 = arith.constant 0 : index
    %c64 = arith.constant 64 : index
    %h = arith.constant 0 : index
    %zero = arith.constant dense<0.0> : tensor<64x64xf32>
    %end = scf.for %i = %c0 to %T step %c64 iter_args(%S = %zero) -> (tensor<64x64xf32>) {
      %left = arith.subi %T, %i : index
      %kt = tile.load %k[0, %i, %h, 0] dims [1, 3] limits [%left, 64] : !x -> tensor<64x64xbf16>
      %vt = tile.load %v[0, %i, %h, 0] dims [1, 3] limits [%left, 64] : !x -> tensor<64x64xbf16>
      %next = linalg.contract indexing_maps = [#km, #kn, #mn] ins(%kt, %vt : tensor<64x64xbf16>, tensor<64x64xbf16>) outs(%S : tensor<64x64xf32>) -> tensor<64x64xf32>
      scf.yield %next : tensor<64x64xf32>
    }
    tile.store %end, %s[0, %h, 0, 0] dims [2, 3] limits [64, 64] : tensor<64x64xf32> -> !s
    tile.return
  }
}
