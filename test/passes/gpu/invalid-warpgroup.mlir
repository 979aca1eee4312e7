// What a plan of family = sm_90a cannot have.
// RUN: mixer-opt %s --tile-to-gpu=arch=sm_90a --split-input-file --verify-diagnostics

!x = memref<?x?x64xbf16, strided<[?, ?, ?], offset: ?>>
!o = memref<?x?x?xf32, strided<[?, ?, ?], offset: ?>>
tile.program @p of @spec plan #mixer.algorithm<chunked, chunk = 64, operand = bf16, stages = 2, warps = 4, family = sm_90a> buffers [] {
  tile.kernel @computed(%block: index, %B: index, %T: index, %splits: index, %span: index, %x: !x, %o: !o) attributes {grid = #tile.grid<blocks = 1>} {
    %c0 = arith.constant 0 : index
    %c64 = arith.constant 64 : index
    %zero = arith.constant dense<0.0> : tensor<64x2x32xf32>
    %sum = scf.for %i = %c0 to %T step %c64 iter_args(%s = %zero) -> (tensor<64x2x32xf32>) {
      %a = tile.load %x[0, %i, 0] dims [1, 2] limits [64, 64] : !x -> tensor<64x64xbf16>
      %e = tensor.empty() : tensor<64x2x32xbf16>
      // Two dimensions of rows.
      // expected-error @below {{expected a 16-bit tile of rows and a multiple of 16 columns for a warpgroup, got 'tensor<64x2x32xbf16>'; choose a plan of family = portable}}
      %low = linalg.generic {indexing_maps = [affine_map<(i, h, j) -> (i, h, j)>, affine_map<(i, h, j) -> (i, h, j)>], iterator_types = ["parallel", "parallel", "parallel"]}
          ins(%s : tensor<64x2x32xf32>) outs(%e : tensor<64x2x32xbf16>) {
      ^bb0(%v: f32, %old: bf16):
        %n = arith.truncf %v : f32 to bf16
        linalg.yield %n : bf16
      } -> tensor<64x2x32xbf16>
      %next = linalg.contract indexing_maps = [affine_map<(m, h, n, k) -> (m, k)>, affine_map<(m, h, n, k) -> (k, h, n)>, affine_map<(m, h, n, k) -> (m, h, n)>]
        ins(%a, %low : tensor<64x64xbf16>, tensor<64x2x32xbf16>) outs(%s : tensor<64x2x32xf32>) -> tensor<64x2x32xf32>
      scf.yield %next : tensor<64x2x32xf32>
    }
    tile.store %sum, %o[0, 0, 0] dims [0, 1, 2] limits [64, 2, 32] : tensor<64x2x32xf32> -> !o
    tile.return
  }
}

// -----

!x = memref<?x?x64xbf16, strided<[?, ?, ?], offset: ?>>
!o = memref<?x?xf32, strided<[?, ?], offset: ?>>
tile.program @p of @spec plan #mixer.algorithm<chunked, chunk = 64, operand = bf16, stages = 2, warps = 16, family = sm_90a, parts = 4> buffers [] {
  // expected-error @below {{plan: expected at most 2 parts of family = sm_90a, got 4}}
  tile.kernel @most(%block: index, %B: index, %T: index, %splits: index, %span: index, %x: !x, %o: !o) attributes {grid = #tile.grid<blocks = 1>} {
    %c0 = arith.constant 0 : index
    %c64 = arith.constant 64 : index
    %zero = arith.constant dense<0.0> : tensor<64x64xf32>
    %sum = scf.for %i = %c0 to %T step %c64 iter_args(%s = %zero) -> (tensor<64x64xf32>) {
      %a = tile.load %x[0, %i, 0] dims [1, 2] limits [64, 64] : !x -> tensor<64x64xbf16>
      %next = linalg.contract indexing_maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (n, k)>, affine_map<(m, n, k) -> (m, n)>]
        ins(%a, %a : tensor<64x64xbf16>, tensor<64x64xbf16>) outs(%s : tensor<64x64xf32>) -> tensor<64x64xf32>
      scf.yield %next : tensor<64x64xf32>
    }
    tile.store %sum, %o[0, 0] dims [0, 1] limits [64, 64] : tensor<64x64xf32> -> !o
    tile.return
  }
}

// -----

!x = memref<?x?x64xbf16, strided<[?, ?, ?], offset: ?>>
!o = memref<?x?x?xf32, strided<[?, ?, ?], offset: ?>>
tile.program @p of @spec plan #mixer.algorithm<chunked, chunk = 64, operand = bf16, stages = 2, warps = 4, family = sm_90a> buffers [] {
  tile.kernel @across(%block: index, %B: index, %T: index, %splits: index, %span: index, %x: !x, %o: !o) attributes {grid = #tile.grid<blocks = 1>} {
    %c0 = arith.constant 0 : index
    %c64 = arith.constant 64 : index
    %zero = arith.constant dense<0.0> : tensor<64x2x64xf32>
    %sum = scf.for %i = %c0 to %T step %c64 iter_args(%s = %zero) -> (tensor<64x2x64xf32>) {
      %a = tile.load %x[0, %i, 0] dims [1, 2] limits [64, 64] : !x -> tensor<64x64xbf16>
      %e = tensor.empty() : tensor<2x64x64xbf16>
      // Tiles side by side whose rows are what is contracted.
      // expected-error @below {{expected a 16-bit tile of rows and a multiple of 16 columns for a warpgroup, got 'tensor<2x64x64xbf16>'; choose a plan of family = portable}}
      %low = linalg.generic {indexing_maps = [affine_map<(d, i, j) -> (i, d, j)>, affine_map<(d, i, j) -> (d, i, j)>], iterator_types = ["parallel", "parallel", "parallel"]}
          ins(%s : tensor<64x2x64xf32>) outs(%e : tensor<2x64x64xbf16>) {
      ^bb0(%v: f32, %old: bf16):
        %n = arith.truncf %v : f32 to bf16
        linalg.yield %n : bf16
      } -> tensor<2x64x64xbf16>
      %next = linalg.contract indexing_maps = [affine_map<(m, d, n, k) -> (m, k)>, affine_map<(m, d, n, k) -> (d, k, n)>, affine_map<(m, d, n, k) -> (m, d, n)>]
        ins(%a, %low : tensor<64x64xbf16>, tensor<2x64x64xbf16>) outs(%s : tensor<64x2x64xf32>) -> tensor<64x2x64xf32>
      scf.yield %next : tensor<64x2x64xf32>
    }
    tile.store %sum, %o[0, 0, 0] dims [0, 1, 2] limits [64, 2, 64] : tensor<64x2x64xf32> -> !o
    tile.return
  }
}
