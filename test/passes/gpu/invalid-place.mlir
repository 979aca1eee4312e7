// What has no placement on a GPU is said with the smallest fix.
// RUN: mixer-opt %s --tile-to-gpu=arch=sm_80 --split-input-file --verify-diagnostics

!m = memref<?x?xf32, strided<[?, ?], offset: ?>>
tile.program @p of @spec plan "plan" buffers [] {
  tile.kernel @f64_tile(%block: index, %B: index, %T: index, %splits: index, %span: index, %x: !m) attributes {grid = #tile.grid<blocks = 1>} {
    // expected-error @below {{expected tiles of f32, bf16 or f16 with at least one dimension and at most 1048576 elements, got 'tensor<16x16xf64>'}}
    %a = tile.load %x[0, 0] dims [0, 1] limits [16, 16] : !m -> tensor<16x16xf64>
    tile.store %a, %x[0, 0] dims [0, 1] limits [16, 16] : tensor<16x16xf64> -> !m
    tile.return
  }
}

// -----

!m = memref<?x?xf32, strided<[?, ?], offset: ?>>
tile.program @p of @spec plan "plan" buffers [] {
  tile.kernel @rank_0(%block: index, %B: index, %T: index, %splits: index, %span: index, %x: !m) attributes {grid = #tile.grid<blocks = 1>} {
    // expected-error @below {{expected tiles of f32, bf16 or f16 with at least one dimension and at most 1048576 elements, got 'tensor<f32>'}}
    %a = tile.load %x[0, 0] dims [] limits [] : !m -> tensor<f32>
    tile.store %a, %x[0, 0] dims [] limits [] : tensor<f32> -> !m
    tile.return
  }
}

// -----

!m = memref<?x?xf32, strided<[?, ?], offset: ?>>
tile.program @p of @spec plan "plan" buffers [] {
  tile.kernel @huge(%block: index, %B: index, %T: index, %splits: index, %span: index, %x: !m) attributes {grid = #tile.grid<blocks = 1>} {
    // expected-error @below {{expected tiles of f32, bf16 or f16 with at least one dimension and at most 1048576 elements, got 'tensor<4096x4096xf32>'}}
    %a = tile.load %x[0, 0] dims [0, 1] limits [4096, 4096] : !m -> tensor<4096x4096xf32>
    tile.store %a, %x[0, 0] dims [0, 1] limits [4096, 4096] : tensor<4096x4096xf32> -> !m
    tile.return
  }
}

// -----

!m = memref<?x?xf32, strided<[?, ?], offset: ?>>
tile.program @p of @spec plan "plan" buffers [] {
  tile.kernel @dynamic(%block: index, %B: index, %T: index, %splits: index, %span: index, %x: !m) attributes {grid = #tile.grid<blocks = 1>} {
    // expected-error @below {{expected tiles of f32, bf16 or f16 with at least one dimension and at most 1048576 elements, got 'tensor<?x16xf32>'}}
    %e = tensor.empty(%T) : tensor<?x16xf32>
    %f = tensor.cast %e : tensor<?x16xf32> to tensor<16x16xf32>
    tile.store %f, %x[0, 0] dims [0, 1] limits [16, 16] : tensor<16x16xf32> -> !m
    tile.return
  }
}

// -----

!m = memref<?x?xf32, strided<[?, ?], offset: ?>>
tile.program @p of @spec plan "plan" buffers [] {
  tile.kernel @booleans(%block: index, %B: index, %T: index, %splits: index, %span: index, %x: !m) attributes {grid = #tile.grid<blocks = 1>} {
    %a = tile.load %x[0, 0] dims [0, 1] limits [16, 16] : !m -> tensor<16x16xf32>
    %b = tile.load %x[0, 0] dims [0, 1] limits [16, 16] : !m -> tensor<16x16xf32>
    // expected-error @below {{expected tiles of f32, bf16 or f16 with at least one dimension and at most 1048576 elements, got 'tensor<16x16xi1>'}}
    %c = arith.cmpf olt, %a, %b : tensor<16x16xf32>
    %s = arith.select %c, %a, %b : tensor<16x16xi1>, tensor<16x16xf32>
    tile.store %s, %x[0, 0] dims [0, 1] limits [16, 16] : tensor<16x16xf32> -> !m
    tile.return
  }
}

// -----

!m = memref<?x?xf64, strided<[?, ?], offset: ?>>
tile.program @p of @spec plan "plan" buffers [] {
  tile.kernel @f64_tensor(%block: index, %B: index, %T: index, %splits: index, %span: index, %x: !m) attributes {grid = #tile.grid<blocks = 1>} {
    // expected-error @below {{expected a tensor of f32, bf16 or f16, got 'memref<?x?xf64, strided<[?, ?], offset: ?>>'}}
    %a = tile.load %x[0, 0] dims [0, 1] limits [16, 16] : !m -> tensor<16x16xf32>
    tile.store %a, %x[0, 0] dims [0, 1] limits [16, 16] : tensor<16x16xf32> -> !m
    tile.return
  }
}

// -----

!m = memref<?x?xf64, strided<[?, ?], offset: ?>>
tile.program @p of @spec plan "plan" buffers [] {
  tile.kernel @f64_store(%block: index, %B: index, %T: index, %splits: index, %span: index, %x: !m) attributes {grid = #tile.grid<blocks = 1>} {
    %a = arith.constant dense<0.0> : tensor<16x16xf32>
    // expected-error @below {{expected a tensor of f32, bf16 or f16, got 'memref<?x?xf64, strided<[?, ?], offset: ?>>'}}
    tile.store %a, %x[0, 0] dims [0, 1] limits [16, 16] : tensor<16x16xf32> -> !m
    tile.return
  }
}

// -----

!m = memref<?x?xf32, strided<[?, ?], offset: ?>>
tile.program @p of @spec plan "plan" buffers [] {
  tile.kernel @contract_memrefs(%block: index, %B: index, %T: index, %splits: index, %span: index, %x: !m) attributes {grid = #tile.grid<blocks = 1>} {
    // expected-error @below {{expected a product of tiles, got memrefs}}
    linalg.contract indexing_maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (k, n)>, affine_map<(m, n, k) -> (m, n)>] ins(%x, %x : !m, !m) outs(%x : !m)
    tile.return
  }
}

// -----

!m = memref<?x?xf32, strided<[?, ?], offset: ?>>
tile.program @p of @spec plan "plan" buffers [] {
  tile.kernel @contract_types(%block: index, %B: index, %T: index, %splits: index, %span: index, %x: !m) attributes {grid = #tile.grid<blocks = 1>} {
    %a = tile.load %x[0, 0] dims [0, 1] limits [16, 16] : !m -> tensor<16x16xbf16>
    %b = tile.load %x[0, 0] dims [0, 1] limits [16, 16] : !m -> tensor<16x16xf16>
    %z = arith.constant dense<0.0> : tensor<16x16xf32>
    // expected-error @below {{expected equal operand types and an f32 result, got 'bf16' and 'f16' to 'f32'}}
    %r = linalg.contract indexing_maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (k, n)>, affine_map<(m, n, k) -> (m, n)>] ins(%a, %b : tensor<16x16xbf16>, tensor<16x16xf16>) outs(%z : tensor<16x16xf32>) -> tensor<16x16xf32>
    tile.store %r, %x[0, 0] dims [0, 1] limits [16, 16] : tensor<16x16xf32> -> !m
    tile.return
  }
}

// -----

!m = memref<?x?xf32, strided<[?, ?], offset: ?>>
tile.program @p of @spec plan "plan" buffers [] {
  tile.kernel @contract_result(%block: index, %B: index, %T: index, %splits: index, %span: index, %x: !m) attributes {grid = #tile.grid<blocks = 1>} {
    %a = tile.load %x[0, 0] dims [0, 1] limits [16, 16] : !m -> tensor<16x16xbf16>
    %z = arith.constant dense<0.0> : tensor<16x16xbf16>
    // expected-error @below {{expected equal operand types and an f32 result, got 'bf16' and 'bf16' to 'bf16'}}
    %r = linalg.contract indexing_maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (k, n)>, affine_map<(m, n, k) -> (m, n)>] ins(%a, %a : tensor<16x16xbf16>, tensor<16x16xbf16>) outs(%z : tensor<16x16xbf16>) -> tensor<16x16xbf16>
    tile.store %r, %x[0, 0] dims [0, 1] limits [16, 16] : tensor<16x16xbf16> -> !m
    tile.return
  }
}

// -----

!m = memref<?x?xf32, strided<[?, ?], offset: ?>>
tile.program @p of @spec plan "plan" buffers [] {
  tile.kernel @contract_short(%block: index, %B: index, %T: index, %splits: index, %span: index, %x: !m) attributes {grid = #tile.grid<blocks = 1>} {
    %a = tile.load %x[0, 0] dims [0, 1] limits [16, 8] : !m -> tensor<16x8xf32>
    %b = tile.load %x[0, 0] dims [0, 1] limits [8, 16] : !m -> tensor<8x16xf32>
    %z = arith.constant dense<0.0> : tensor<16x16xf32>
    // expected-error @below {{expected the contracted dimension to be a multiple of 16, got 8}}
    %r = linalg.contract indexing_maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (k, n)>, affine_map<(m, n, k) -> (m, n)>] ins(%a, %b : tensor<16x8xf32>, tensor<8x16xf32>) outs(%z : tensor<16x16xf32>) -> tensor<16x16xf32>
    tile.store %r, %x[0, 0] dims [0, 1] limits [16, 16] : tensor<16x16xf32> -> !m
    tile.return
  }
}

// -----

!m = memref<?x?xf32, strided<[?, ?], offset: ?>>
tile.program @p of @spec plan "plan" buffers [] {
  tile.kernel @contract_rows(%block: index, %B: index, %T: index, %splits: index, %span: index, %x: !m) attributes {grid = #tile.grid<blocks = 1>} {
    %a = tile.load %x[0, 0] dims [0, 1] limits [8, 16] : !m -> tensor<8x16xf32>
    %b = tile.load %x[0, 0] dims [0, 1] limits [16, 16] : !m -> tensor<16x16xf32>
    %z = arith.constant dense<0.0> : tensor<8x16xf32>
    // expected-error @below {{expected the innermost row dimension to be a multiple of 16, got 8}}
    %r = linalg.contract indexing_maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (k, n)>, affine_map<(m, n, k) -> (m, n)>] ins(%a, %b : tensor<8x16xf32>, tensor<16x16xf32>) outs(%z : tensor<8x16xf32>) -> tensor<8x16xf32>
    tile.store %r, %x[0, 0] dims [0, 1] limits [8, 16] : tensor<8x16xf32> -> !m
    tile.return
  }
}

// -----

!m = memref<?x?xf32, strided<[?, ?], offset: ?>>
tile.program @p of @spec plan "plan" buffers [] {
  tile.kernel @contract_columns(%block: index, %B: index, %T: index, %splits: index, %span: index, %x: !m) attributes {grid = #tile.grid<blocks = 1>} {
    %a = tile.load %x[0, 0] dims [0, 1] limits [16, 16] : !m -> tensor<16x16xf32>
    %b = tile.load %x[0, 0] dims [0, 1] limits [16, 24] : !m -> tensor<16x24xf32>
    %z = arith.constant dense<0.0> : tensor<16x24xf32>
    // expected-error @below {{expected the columns of a warp to be a multiple of 16, got 24 over 1 warps}}
    %r = linalg.contract indexing_maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (k, n)>, affine_map<(m, n, k) -> (m, n)>] ins(%a, %b : tensor<16x16xf32>, tensor<16x24xf32>) outs(%z : tensor<16x24xf32>) -> tensor<16x24xf32>
    tile.store %r, %x[0, 0] dims [0, 1] limits [16, 24] : tensor<16x24xf32> -> !m
    tile.return
  }
}

// -----

!m = memref<?x?xf32, strided<[?, ?], offset: ?>>
tile.program @p of @spec plan "plan" buffers [] {
  tile.kernel @contract_two(%block: index, %B: index, %T: index, %splits: index, %span: index, %x: !m) attributes {grid = #tile.grid<blocks = 1>} {
    %a = tile.load %x[0, 0] dims [0, 1] limits [16, 16] : !m -> tensor<16x16xf32>
    %v = tile.load %x[0, 0] dims [1] limits [16] : !m -> tensor<16xf32>
    %z = arith.constant dense<0.0> : tensor<16xf32>
    // expected-error @below {{expected one contracted dimension, rows and columns, got 1 contracted, 1 row and 0 column dimensions}}
    %r = linalg.contract indexing_maps = [affine_map<(m, k) -> (m, k)>, affine_map<(m, k) -> (k)>, affine_map<(m, k) -> (m)>] ins(%a, %v : tensor<16x16xf32>, tensor<16xf32>) outs(%z : tensor<16xf32>) -> tensor<16xf32>
    tile.store %r, %x[0, 0] dims [1] limits [16] : tensor<16xf32> -> !m
    tile.return
  }
}

// -----

!m = memref<?x?xf32, strided<[?, ?], offset: ?>>
tile.program @p of @spec plan "plan" buffers [] {
  tile.kernel @contract_layouts(%block: index, %B: index, %T: index, %splits: index, %span: index, %x: !m) attributes {grid = #tile.grid<blocks = 1>} {
    %a = tile.load %x[0, 0] dims [0, 1] limits [32, 32] : !m -> tensor<32x32xf32>
    %z = arith.constant dense<0.0> : tensor<32x32xf32>
    %s, %q = tile.cumsum %a : tensor<32x32xf32>
    // expected-error @below {{expected its result to be laid out like the tiles that it is combined with}}
    %r = linalg.contract indexing_maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (k, n)>, affine_map<(m, n, k) -> (m, n)>] ins(%a, %a : tensor<32x32xf32>, tensor<32x32xf32>) outs(%s : tensor<32x32xf32>) -> tensor<32x32xf32>
    tile.store %r, %x[0, 0] dims [0, 1] limits [32, 32] : tensor<32x32xf32> -> !m
    tile.return
  }
}

// -----

!m = memref<?x?xf32, strided<[?, ?], offset: ?>>
tile.program @p of @spec plan "plan" buffers [] {
  tile.kernel @reduction(%block: index, %B: index, %T: index, %splits: index, %span: index, %x: !m) attributes {grid = #tile.grid<blocks = 1>} {
    %a = tile.load %x[0, 0] dims [0, 1] limits [16, 1024] : !m -> tensor<16x1024xf32>
    %z = arith.constant dense<0.0> : tensor<16xf32>
    // expected-error @below {{expected a reduction with at most 512 terms}}
    %r = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i)>], iterator_types = ["parallel", "reduction"]} ins(%a : tensor<16x1024xf32>) outs(%z : tensor<16xf32>) {
    ^bb0(%p: f32, %o: f32):
      %s = arith.maximumf %p, %o : f32
      linalg.yield %s : f32
    } -> tensor<16xf32>
    tile.store %r, %x[0, 0] dims [1] limits [16] : tensor<16xf32> -> !m
    tile.return
  }
}

// -----

!m = memref<?x?xf32, strided<[?, ?], offset: ?>>
tile.program @p of @spec plan "plan" buffers [] {
  tile.kernel @reduction_order(%block: index, %B: index, %T: index, %splits: index, %span: index, %x: !m) attributes {grid = #tile.grid<blocks = 1>} {
    %a = tile.load %x[0, 0] dims [0, 1] limits [16, 16] : !m -> tensor<16x16xf32>
    %z = arith.constant dense<0.0> : tensor<16x16xf32>
    // expected-error @below {{expected a reduction with at most 512 terms, whose one result has all parallel dimensions in their order; reduce in steps}}
    %r = linalg.generic {indexing_maps = [affine_map<(i, j, k) -> (i, k)>, affine_map<(i, j, k) -> (j, i)>], iterator_types = ["parallel", "parallel", "reduction"]} ins(%a : tensor<16x16xf32>) outs(%z : tensor<16x16xf32>) {
    ^bb0(%p: f32, %o: f32):
      %s = arith.addf %p, %o : f32
      linalg.yield %s : f32
    } -> tensor<16x16xf32>
    tile.store %r, %x[0, 0] dims [0, 1] limits [16, 16] : tensor<16x16xf32> -> !m
    tile.return
  }
}

// -----

!m = memref<?x?xf32, strided<[?, ?], offset: ?>>
tile.program @p of @spec plan "plan" buffers [] {
  tile.kernel @transposed_result(%block: index, %B: index, %T: index, %splits: index, %span: index, %x: !m) attributes {grid = #tile.grid<blocks = 1>} {
    %a = tile.load %x[0, 0] dims [0, 1] limits [16, 32] : !m -> tensor<16x32xf32>
    %e = tensor.empty() : tensor<32x16xf32>
    // expected-error @below {{expected one result, parallel loops and an identity map for the result}}
    %r = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (j, i)>], iterator_types = ["parallel", "parallel"]} ins(%a : tensor<16x32xf32>) outs(%e : tensor<32x16xf32>) {
    ^bb0(%p: f32, %o: f32):
      linalg.yield %p : f32
    } -> tensor<32x16xf32>
    tile.store %r, %x[0, 0] dims [0, 1] limits [32, 16] : tensor<32x16xf32> -> !m
    tile.return
  }
}

// -----

!m = memref<?x?xf32, strided<[?, ?], offset: ?>>
tile.program @p of @spec plan "plan" buffers [] {
  tile.kernel @two_results(%block: index, %B: index, %T: index, %splits: index, %span: index, %x: !m) attributes {grid = #tile.grid<blocks = 1>} {
    %a = tile.load %x[0, 0] dims [0, 1] limits [16, 16] : !m -> tensor<16x16xf32>
    %e = tensor.empty() : tensor<16x16xf32>
    // expected-error @below {{expected one result, parallel loops and an identity map for the result}}
    %r:2 = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i, j)>], iterator_types = ["parallel", "parallel"]} ins(%a : tensor<16x16xf32>) outs(%e, %e : tensor<16x16xf32>, tensor<16x16xf32>) {
    ^bb0(%p: f32, %o: f32, %q: f32):
      linalg.yield %p, %p : f32, f32
    } -> (tensor<16x16xf32>, tensor<16x16xf32>)
    tile.store %r#0, %x[0, 0] dims [0, 1] limits [16, 16] : tensor<16x16xf32> -> !m
    tile.return
  }
}

// -----

!m = memref<?x?xf32, strided<[?, ?], offset: ?>>
tile.program @p of @spec plan "plan" buffers [] {
  tile.kernel @generic_memrefs(%block: index, %B: index, %T: index, %splits: index, %span: index, %x: !m) attributes {grid = #tile.grid<blocks = 1>} {
    // expected-error @below {{expected one result, parallel loops and an identity map for the result}}
    linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i, j)>], iterator_types = ["parallel", "parallel"]} ins(%x : !m) outs(%x : !m) {
    ^bb0(%p: f32, %o: f32):
      linalg.yield %p : f32
    }
    tile.return
  }
}

// -----

!m = memref<?x?xf32, strided<[?, ?], offset: ?>>
tile.program @p of @spec plan "plan" buffers [] {
  tile.kernel @counter(%block: index, %B: index, %T: index, %splits: index, %span: index, %x: !m) attributes {grid = #tile.grid<blocks = 1>} {
    %c0 = arith.constant 0 : i32
    %c1 = arith.constant 1 : i32
    %a = arith.constant dense<0.0> : tensor<16x16xf32>
    // expected-error @below {{expected a counter of type index, got 'i32'}}
    %r = scf.for %i = %c0 to %c1 step %c1 iter_args(%s = %a) -> (tensor<16x16xf32>) : i32 {
      scf.yield %s : tensor<16x16xf32>
    }
    tile.store %r, %x[0, 0] dims [0, 1] limits [16, 16] : tensor<16x16xf32> -> !m
    tile.return
  }
}

// -----

!m = memref<?x?xf32, strided<[?, ?], offset: ?>>
tile.program @p of @spec plan "plan" buffers [] {
  tile.kernel @unknown(%block: index, %B: index, %T: index, %splits: index, %span: index, %x: !m) attributes {grid = #tile.grid<blocks = 1>} {
    %a = tile.load %x[0, 0] dims [0, 1] limits [16, 16] : !m -> tensor<16x16xf32>
    %c0 = arith.constant 0 : index
    // expected-error @below {{expected an operation of a tile program that has a GPU form}}
    %v = tensor.extract %a[%c0, %c0] : tensor<16x16xf32>
    %r = tensor.splat %v : tensor<16x16xf32>
    tile.store %r, %x[0, 0] dims [0, 1] limits [16, 16] : tensor<16x16xf32> -> !m
    tile.return
  }
}

// -----

!m = memref<?x?xf32, strided<[?, ?], offset: ?>>
tile.program @p of @spec plan "plan" buffers [] {
  tile.kernel @dense(%block: index, %B: index, %T: index, %splits: index, %span: index, %x: !m) attributes {grid = #tile.grid<blocks = 1>} {
    // expected-error @below {{expected an operation of a tile program that has a GPU form}}
    %a = arith.constant dense<[1.0, 2.0]> : tensor<2xf32>
    tile.store %a, %x[0, 0] dims [1] limits [2] : tensor<2xf32> -> !m
    tile.return
  }
}

// -----

!m = memref<?x?xf32, strided<[?, ?], offset: ?>>
tile.program @p of @spec plan "plan" buffers [] {
  tile.kernel @subview(%block: index, %B: index, %T: index, %splits: index, %span: index, %x: !m) attributes {grid = #tile.grid<blocks = 1>} {
    // expected-error @below {{expected an operation of a tile program that has a GPU form}}
    %s = memref.subview %x[0, 0] [16, 16] [1, 1] : !m to memref<16x16xf32, strided<[?, ?], offset: ?>>
    %a = tile.load %s[0, 0] dims [0, 1] limits [16, 16] : memref<16x16xf32, strided<[?, ?], offset: ?>> -> tensor<16x16xf32>
    tile.store %a, %x[0, 0] dims [0, 1] limits [16, 16] : tensor<16x16xf32> -> !m
    tile.return
  }
}

// -----

!m = memref<?x?xf32, strided<[?, ?], offset: ?>>
tile.program @p of @spec plan "plan" buffers [] {
  tile.kernel @while(%block: index, %B: index, %T: index, %splits: index, %span: index, %x: !m) attributes {grid = #tile.grid<blocks = 1>} {
    // expected-error @below {{expected an operation of a tile program that has a GPU form}}
    %w = scf.while (%i = %T) : (index) -> index {
      %c = arith.cmpi slt, %i, %B : index
      scf.condition(%c) %i : index
    } do {
    ^bb0(%i: index):
      scf.yield %i : index
    }
    %a = arith.constant dense<0.0> : tensor<16x16xf32>
    tile.store %a, %x[%w, 0] dims [0, 1] limits [16, 16] : tensor<16x16xf32> -> !m
    tile.return
  }
}

// -----

!m = memref<?x?xf32, strided<[?, ?], offset: ?>>
#mk = affine_map<(m, n, k) -> (m, k)>
#kn = affine_map<(m, n, k) -> (k, n)>
#mn = affine_map<(m, n, k) -> (m, n)>
#id = affine_map<(m, n) -> (m, n)>
tile.program @p of @spec plan "plan" buffers [] {
  // Tiles that only the op itself carries, and so are first met where what a tile inherits from others is looked for.
  tile.kernel @carried(%block: index, %B: index, %T: index, %splits: index, %span: index, %x: !m) attributes {grid = #tile.grid<blocks = 1>} {
    %no = arith.cmpi ult, %T, %B : index
    %zero = arith.constant dense<0.0> : tensor<64x64xf32>
    %a = tile.load %x[0, 0] dims [0, 1] limits [64, 64] : !m -> tensor<64x64xf32>
    %c = linalg.contract indexing_maps = [#mk, #kn, #mn] ins(%a, %a : tensor<64x64xf32>, tensor<64x64xf32>) outs(%zero : tensor<64x64xf32>) -> tensor<64x64xf32>
    // expected-error @below {{expected an operation of a tile program that has a GPU form}}
    %r:4 = scf.while (%i = %c, %j = %c, %k = %c, %l = %c) : (tensor<64x64xf32>, tensor<64x64xf32>, tensor<64x64xf32>, tensor<64x64xf32>) -> (tensor<64x64xf32>, tensor<64x64xf32>, tensor<64x64xf32>, tensor<64x64xf32>) {
      scf.condition(%no) %i, %j, %k, %l : tensor<64x64xf32>, tensor<64x64xf32>, tensor<64x64xf32>, tensor<64x64xf32>
    } do {
    ^bb0(%i: tensor<64x64xf32>, %j: tensor<64x64xf32>, %k: tensor<64x64xf32>, %l: tensor<64x64xf32>):
      %e = tensor.empty() : tensor<64x64xf32>
      %f = linalg.generic {indexing_maps = [affine_map<(m, n) -> (n, m)>, affine_map<(m, n) -> (n, m)>, affine_map<(m, n) -> (n, m)>, affine_map<(m, n) -> (n, m)>, affine_map<(m, n) -> (n, m)>, #id], iterator_types = ["parallel", "parallel"]}
          ins(%i, %j, %k, %l, %c : tensor<64x64xf32>, tensor<64x64xf32>, tensor<64x64xf32>, tensor<64x64xf32>, tensor<64x64xf32>) outs(%e : tensor<64x64xf32>) {
      ^bb1(%p: f32, %q: f32, %s: f32, %t: f32, %u: f32, %old: f32):
        %v = arith.addf %p, %q : f32
        linalg.yield %v : f32
      } -> tensor<64x64xf32>
      scf.yield %f, %f, %f, %f : tensor<64x64xf32>, tensor<64x64xf32>, tensor<64x64xf32>, tensor<64x64xf32>
    }
    tile.store %r#0, %x[0, 0] dims [0, 1] limits [64, 64] : tensor<64x64xf32> -> !m
    tile.return
  }
}

// -----

!m = memref<?x?xf32, strided<[?, ?], offset: ?>>
tile.program @p of @spec plan #mixer.algorithm<scan, chunk = 8> buffers [] {
  tile.kernel @scan_rows(%block: index, %B: index, %T: index, %splits: index, %span: index, %k: memref<?x?x?xf32, strided<[?, ?, ?], offset: ?>>) attributes {grid = #tile.grid<blocks = 1>} {
    %sx = arith.constant dense<1.0> : tensor<8x3x16xf32>
    %sb = arith.constant dense<1.0> : tensor<8x5xf32>
    %si = arith.constant dense<0.0> : tensor<3x5x16xf32>
    // expected-error @below {{expected 15 state rows to divide evenly over 4 warps; change warps}}
    %y, %s = tile.scan x = %sx, b = %sb, c = %sb, init = %si : tensor<8x3x16xf32>, tensor<8x5xf32>, tensor<8x5xf32>, tensor<3x5x16xf32> -> tensor<8x3x16xf32>, tensor<3x5x16xf32>
    tile.store %s, %k[0, 0, 0] dims [0, 1, 2] limits [3, 5, 16] : tensor<3x5x16xf32> -> memref<?x?x?xf32, strided<[?, ?, ?], offset: ?>>
    tile.return
  }
}

// -----

!m = memref<?x?xf32, strided<[?, ?], offset: ?>>
tile.program @p of @spec plan "plan" buffers [] {
  // expected-error @below {{expected at most 166912 bytes of shared memory on sm_80, got 262144; choose fewer stages, fewer heads per block or a smaller chunk}}
  tile.kernel @shared_memory(%block: index, %B: index, %T: index, %splits: index, %span: index, %x: !m) attributes {grid = #tile.grid<blocks = 1>} {
    %z = arith.constant dense<0.0> : tensor<128x128xf32>
    %a0 = tile.load %x[0, 0] dims [0, 1] limits [128, 128] : !m -> tensor<128x128xf32>
    %a1 = tile.load %x[128, 0] dims [0, 1] limits [128, 128] : !m -> tensor<128x128xf32>
    %a2 = tile.load %x[256, 0] dims [0, 1] limits [128, 128] : !m -> tensor<128x128xf32>
    %a3 = tile.load %x[384, 0] dims [0, 1] limits [128, 128] : !m -> tensor<128x128xf32>
    %r0 = linalg.contract indexing_maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (k, n)>, affine_map<(m, n, k) -> (m, n)>] ins(%a0, %a1 : tensor<128x128xf32>, tensor<128x128xf32>) outs(%z : tensor<128x128xf32>) -> tensor<128x128xf32>
    %r1 = linalg.contract indexing_maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (k, n)>, affine_map<(m, n, k) -> (m, n)>] ins(%a2, %a3 : tensor<128x128xf32>, tensor<128x128xf32>) outs(%r0 : tensor<128x128xf32>) -> tensor<128x128xf32>
    %r2 = linalg.contract indexing_maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (k, n)>, affine_map<(m, n, k) -> (m, n)>] ins(%a1, %a2 : tensor<128x128xf32>, tensor<128x128xf32>) outs(%r1 : tensor<128x128xf32>) -> tensor<128x128xf32>
    %r3 = linalg.contract indexing_maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (k, n)>, affine_map<(m, n, k) -> (m, n)>] ins(%a3, %a0 : tensor<128x128xf32>, tensor<128x128xf32>) outs(%r2 : tensor<128x128xf32>) -> tensor<128x128xf32>
    tile.store %r3, %x[0, 0] dims [0, 1] limits [128, 128] : tensor<128x128xf32> -> !m
    tile.return
  }
}
