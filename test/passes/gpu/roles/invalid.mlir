// Ops that no role can take.
// RUN: mixer-opt %s --tile-assign-roles --split-input-file --verify-diagnostics
// RUN: mixer-opt %s --tile-to-gpu=arch=sm_90a --split-input-file --verify-diagnostics

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
  tile.kernel @store_before(%block: index, %B: index, %T: index, %splits: index, %span: index, %q: !x, %k: !x, %v: !x, %g: !v, %o: !x, %s: !s) attributes {grid = #tile.grid<blocks = 1>} {
    %c0 = arith.constant 0 : index
    %c64 = arith.constant 64 : index
    %h = arith.constant 0 : index
    %zero = arith.constant dense<0.0> : tensor<64x64xf32>
    // expected-error @below {{expected only tiles that the loop over chunks needs before it, got an operation with effects of its own; put it behind the loop or choose a plan of family = portable}}
    tile.store %zero, %s[0, %h, 0, 0] dims [2, 3] limits [64, 64] : tensor<64x64xf32> -> !s
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
  tile.kernel @rows(%block: index, %B: index, %T: index, %splits: index, %span: index, %q: !x, %k: !x, %v: !x, %g: !v, %o: !x, %s: !s) attributes {grid = #tile.grid<blocks = 1>} {
    %c0 = arith.constant 0 : index
    %c64 = arith.constant 64 : index
    %h = arith.constant 0 : index
    %zero = arith.constant dense<0.0> : tensor<64x64xf32>
    %end = scf.for %i = %c0 to %T step %c64 iter_args(%S = %zero) -> (tensor<64x64xf32>) {
      %left = arith.subi %T, %i : index
      %kt = tile.load %k[0, %i, %h, 0] dims [1, 3] limits [%left, 64] : !x -> tensor<64x64xbf16>
      %vt = tile.load %v[0, %i, %h, 0] dims [1, 3] limits [%left, 64] : !x -> tensor<64x64xbf16>
      %z16 = arith.constant dense<0.0> : tensor<16x64xf32>
      %q16 = tile.load %q[0, %i, %h, 0] dims [1, 3] limits [%left, 64] : !x -> tensor<16x64xbf16>
      // expected-error @below {{expected a product of a multiple of 64 rows and at most 256 columns for a warpgroup, got 16 x 64; choose a plan of family = portable}}
      %few = linalg.contract indexing_maps = [#mk, #nk, #mn] ins(%q16, %kt : tensor<16x64xbf16>, tensor<64x64xbf16>) outs(%z16 : tensor<16x64xf32>) -> tensor<16x64xf32>
      tile.store %few, %s[0, %h, 0, 0] dims [2, 3] limits [16, 64] : tensor<16x64xf32> -> !s
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
tile.program @p of @spec plan #mixer.algorithm<chunked, chunk = 64, operand = bf16, stages = 2, warps = 4, family = sm_90a> buffers [] {
  tile.kernel @wide(%block: index, %B: index, %T: index, %splits: index, %span: index, %q: !x, %k: !x, %v: !x, %g: !v, %o: !x, %w: !s, %s: !s) attributes {grid = #tile.grid<blocks = 1>} {
    %c0 = arith.constant 0 : index
    %c64 = arith.constant 64 : index
    %h = arith.constant 0 : index
    %zero = arith.constant dense<0.0> : tensor<64x64xf32>
    %end = scf.for %i = %c0 to %T step %c64 iter_args(%S = %zero) -> (tensor<64x64xf32>) {
      %left = arith.subi %T, %i : index
      %kt = tile.load %k[0, %i, %h, 0] dims [1, 3] limits [%left, 64] : !x -> tensor<64x64xbf16>
      %vt = tile.load %v[0, %i, %h, 0] dims [1, 3] limits [%left, 64] : !x -> tensor<64x64xbf16>
      %wide = tile.load %w[0, %h, 0, 0] dims [2, 3] limits [64, 64] : !s -> tensor<64x64xf32>
      // expected-error @below {{expected operands of bf16 or f16 for a warpgroup, got 'f32'; choose a plan of family = portable}}
      %square = linalg.contract indexing_maps = [#mk, #nk, #mn] ins(%wide, %wide : tensor<64x64xf32>, tensor<64x64xf32>) outs(%zero : tensor<64x64xf32>) -> tensor<64x64xf32>
      tile.store %square, %s[0, %h, 0, 0] dims [2, 3] limits [64, 64] : tensor<64x64xf32> -> !s
      %next = linalg.contract indexing_maps = [#km, #kn, #mn] ins(%kt, %vt : tensor<64x64xbf16>, tensor<64x64xbf16>) outs(%S : tensor<64x64xf32>) -> tensor<64x64xf32>
      scf.yield %next : tensor<64x64xf32>
    }
    tile.store %end, %s[0, %h, 0, 0] dims [2, 3] limits [64, 64] : tensor<64x64xf32> -> !s
    tile.return
  }
}

// -----

!x = memref<?x?x2x64xbf16, strided<[?, ?, ?, ?], offset: ?>>
#kn = affine_map<(m, n, k) -> (k, n)>
#km = affine_map<(m, n, k) -> (k, m)>
#mn = affine_map<(m, n, k) -> (m, n)>
#id = affine_map<(i, j) -> (i, j)>
tile.program @p of @spec plan #mixer.algorithm<chunked, chunk = 64, operand = bf16, stages = 2, warps = 4, family = sm_90a> buffers [] {
  tile.kernel @stored(%block: index, %B: index, %T: index, %splits: index, %span: index, %k: !x, %o: !x) attributes {grid = #tile.grid<blocks = 1>} {
    %c0 = arith.constant 0 : index
    %c64 = arith.constant 64 : index
    %zero = arith.constant dense<0.0> : tensor<64x64xf32>
    %end = scf.for %i = %c0 to %T step %c64 iter_args(%S = %zero) -> (tensor<64x64xf32>) {
      %left = arith.subi %T, %i : index
      %kt = tile.load %k[0, %i, 0, 0] dims [1, 3] limits [%left, 64] : !x -> tensor<64x64xbf16>
      // expected-error @below {{expected no element that the same kernel may have stored, as other warps load ahead of stores; carry the tile, load it in a kernel of its own or choose a plan of family = portable}}
      %ot = tile.load %o[0, 0, 0, 0] dims [1, 3] limits [%T, 64] : !x -> tensor<64x64xbf16>
      %next = linalg.contract indexing_maps = [#km, #kn, #mn] ins(%kt, %ot : tensor<64x64xbf16>, tensor<64x64xbf16>) outs(%S : tensor<64x64xf32>) -> tensor<64x64xf32>
      %e = tensor.empty() : tensor<64x64xbf16>
      %y = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]} ins(%next : tensor<64x64xf32>) outs(%e : tensor<64x64xbf16>) {
      ^bb0(%yv: f32, %yo: bf16):
        %yt = arith.truncf %yv : f32 to bf16
        linalg.yield %yt : bf16
      } -> tensor<64x64xbf16>
      tile.store %y, %o[0, 0, 0, 0] dims [1, 3] limits [%T, 64] : tensor<64x64xbf16> -> !x
      scf.yield %next : tensor<64x64xf32>
    }
    tile.return
  }
}
