// RUN: mixer-opt %s --tile-to-cpu --split-input-file --verify-diagnostics

!m = memref<?xf32, strided<[?], offset: ?>>
tile.program @p of @spec plan "plan" buffers [] {
  tile.kernel @unknown_op(%block: index, %B: index, %T: index, %splits: index, %span: index, %x: !m) attributes {grid = #tile.grid<blocks = 1>} {
    %t = tile.load %x[0] dims [0] limits [16] : !m -> tensor<16xf32>
    %c0 = arith.constant 0 : index
    // expected-error @below {{has no CPU lowering; expected tile, scf.for, scf.if, linalg or scalar arith operations}}
    %e = tensor.extract %t[%c0] : tensor<16xf32>
    %r = tensor.splat %e : tensor<16xf32>
    tile.store %r, %x[0] dims [0] limits [16] : tensor<16xf32> -> !m
    tile.return
  }
}

// -----

!m = memref<?xf32, strided<[?], offset: ?>>
tile.program @p of @spec plan "plan" buffers [] {
  tile.kernel @dense(%block: index, %B: index, %T: index, %splits: index, %span: index, %x: !m) attributes {grid = #tile.grid<blocks = 1>} {
    // expected-error @below {{expected a splat; load other constants from an argument}}
    %t = arith.constant dense<[1.0, 2.0]> : tensor<2xf32>
    tile.store %t, %x[0] dims [0] limits [2] : tensor<2xf32> -> !m
    tile.return
  }
}

// -----

!m = memref<?xf32, strided<[?], offset: ?>>
tile.program @p of @spec plan "plan" buffers [] {
  tile.kernel @reduction(%block: index, %B: index, %T: index, %splits: index, %span: index, %x: !m) attributes {grid = #tile.grid<blocks = 1>} {
    %t = tile.load %x[0] dims [0] limits [16] : !m -> tensor<16xf32>
    %z = arith.constant dense<0.0> : tensor<f32>
    // expected-error @below {{expected a contraction, a sum or an operation with parallel loops only}}
    %r = linalg.generic {indexing_maps = [affine_map<(i) -> (i)>, affine_map<(i) -> ()>], iterator_types = ["reduction"]}
        ins(%t : tensor<16xf32>) outs(%z : tensor<f32>) {
    ^bb0(%in: f32, %out: f32):
      %s = arith.maximumf %in, %out : f32
      linalg.yield %s : f32
    } -> tensor<f32>
    tile.store %r, %x[0] dims [] limits [] : tensor<f32> -> !m
    tile.return
  }
}

// -----

!m = memref<?xf32, strided<[?], offset: ?>>
tile.program @p of @spec plan "plan" buffers [] {
  tile.kernel @index_map(%block: index, %B: index, %T: index, %splits: index, %span: index, %x: !m) attributes {grid = #tile.grid<blocks = 1>} {
    %t = tile.load %x[0] dims [0] limits [16] : !m -> tensor<16xf32>
    %e = tensor.empty() : tensor<16xf32>
    // expected-error @below {{expected the index of operand 0 to be linear in the loops, got affine_map<(d0) -> (d0 floordiv 2)>}}
    %r = linalg.generic {indexing_maps = [affine_map<(i) -> (i floordiv 2)>, affine_map<(i) -> (i)>], iterator_types = ["parallel"]}
        ins(%t : tensor<16xf32>) outs(%e : tensor<16xf32>) {
    ^bb0(%in: f32, %out: f32):
      %s = arith.addf %in, %in : f32
      linalg.yield %s : f32
    } -> tensor<16xf32>
    tile.store %r, %x[0] dims [0] limits [16] : tensor<16xf32> -> !m
    tile.return
  }
}

// -----

!m = memref<?xf32, strided<[?], offset: ?>>
tile.program @p of @spec plan "plan" buffers [] {
  tile.kernel @integers(%block: index, %B: index, %T: index, %splits: index, %span: index, %x: !m) attributes {grid = #tile.grid<blocks = 1>} {
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    // expected-error @below {{expected tiles of static shape and f16, bf16, f32 or f64, got 'tensor<16xi32>'}}
    %e = tensor.empty() : tensor<16xi32>
    %r = scf.for %i = %c0 to %T step %c1 iter_args(%u = %e) -> (tensor<16xi32>) {
      %n = arith.addi %u, %u : tensor<16xi32>
      scf.yield %n : tensor<16xi32>
    }
    %f = arith.sitofp %r : tensor<16xi32> to tensor<16xf32>
    tile.store %f, %x[0] dims [0] limits [16] : tensor<16xf32> -> !m
    tile.return
  }
}

// -----

!m = memref<?x?xf64, strided<[?, ?], offset: ?>>
tile.program @p of @spec plan "plan" buffers [] {
  tile.kernel @wide_contraction(%block: index, %B: index, %T: index, %splits: index, %span: index, %x: !m) attributes {grid = #tile.grid<blocks = 1>} {
    %t = tile.load %x[0, 0] dims [0, 1] limits [16, 16] : !m -> tensor<16x16xf64>
    // expected-error @below {{expected operands of at most f32: contractions accumulate in f32}}
    %r = linalg.matmul ins(%t, %t : tensor<16x16xf64>, tensor<16x16xf64>) outs(%t : tensor<16x16xf64>) -> tensor<16x16xf64>
    tile.store %r, %x[0, 0] dims [0, 1] limits [16, 16] : tensor<16x16xf64> -> !m
    tile.return
  }
}

// -----

!m = memref<?x?xf32, strided<[?, ?], offset: ?>>
tile.program @p of @spec plan "plan" buffers [] {
  tile.kernel @swapped(%block: index, %B: index, %T: index, %splits: index, %span: index, %x: !m) attributes {grid = #tile.grid<blocks = 1>} {
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    %u0 = tile.load %x[0, 0] dims [1] limits [16] : !m -> tensor<16xf32>
    %v0 = tile.load %x[1, 0] dims [1] limits [16] : !m -> tensor<16xf32>
    // expected-error @below {{expected no tile to be carried on as another one, got tile 1 in the place of tile 0; pass a copy on}}
    %r:2 = scf.for %i = %c0 to %T step %c1 iter_args(%u = %u0, %v = %v0) -> (tensor<16xf32>, tensor<16xf32>) {
      scf.yield %v, %u : tensor<16xf32>, tensor<16xf32>
    }
    tile.store %r#0, %x[0, 0] dims [1] limits [16] : tensor<16xf32> -> !m
    tile.return
  }
}

// -----

func.func @p__main() {
  return
}
tile.program @p of @spec plan "plan" buffers [] {
  // expected-error @below {{expected @p__main to be free; give another suffix}}
  tile.kernel @main(%block: index, %B: index, %T: index, %splits: index, %span: index) attributes {grid = #tile.grid<blocks = 1>} {
    tile.return
  }
}

// -----

!m = memref<?xf8E4M3FN, strided<[?], offset: ?>>
tile.program @p of @spec plan "plan" buffers [] {
  tile.kernel @eight_bits(%block: index, %B: index, %T: index, %splits: index, %span: index, %x: !m) attributes {grid = #tile.grid<blocks = 1>} {
    // expected-error @below {{expected a tensor of f16, bf16, f32 or f64, got 'memref<?xf8E4M3FN, strided<[?], offset: ?>>'}}
    %t = tile.load %x[0] dims [0] limits [16] : !m -> tensor<16xf32>
    tile.store %t, %x[0] dims [0] limits [16] : tensor<16xf32> -> !m
    tile.return
  }
}

// -----

!m = memref<?x?x?xf32, strided<[?, ?, ?], offset: ?>>
tile.program @p of @spec plan "plan" buffers [] {
  // expected-error @below {{expected tiles of at most 268435456 bytes, got 4294967296 with "plan"; take a smaller chunk or fewer heads per block}}
  tile.kernel @huge(%block: index, %B: index, %T: index, %splits: index, %span: index, %x: !m) attributes {grid = #tile.grid<blocks = 1>} {
    %t = tile.load %x[0, 0, 0] dims [0, 1, 2] limits [1024, 1024, 1024] : !m -> tensor<1024x1024x1024xf32>
    tile.store %t, %x[0, 0, 0] dims [0, 1, 2] limits [1024, 1024, 1024] : tensor<1024x1024x1024xf32> -> !m
    tile.return
  }
}

// -----

!m = memref<?xf32, strided<[?], offset: ?>>
tile.program @p of @spec plan "plan" buffers [] {
  tile.kernel @waits(%block: index, %B: index, %T: index, %splits: index, %span: index, %x: !m) attributes {grid = #tile.grid<blocks = 1>} {
    // expected-error @below {{'tile.acquire' op has no CPU lowering; choose a plan of family = portable}}
    tile.acquire %x[%block] : !m
    tile.return
  }
}

// -----

!m = memref<?xf32, strided<[?], offset: ?>>
tile.program @p of @spec plan "plan" buffers [] {
  tile.kernel @parts(%block: index, %B: index, %T: index, %splits: index, %span: index, %x: !m) attributes {grid = #tile.grid<blocks = 1>} {
    // expected-error @below {{'tile.part' op has no CPU lowering; choose a plan of family = portable}}
    %part = tile.part of 2
    %t = tile.load %x[%part] dims [0] limits [16] : !m -> tensor<16xf32>
    tile.store %t, %x[0] dims [0] limits [16] : tensor<16xf32> -> !m
    tile.return
  }
}

// -----

!m = memref<?xf32, strided<[?], offset: ?>>
tile.program @p of @spec plan "plan" buffers [] {
  tile.kernel @carries(%block: index, %B: index, %T: index, %splits: index, %span: index, %x: !m, %y: !m) attributes {grid = #tile.grid<blocks = 1>} {
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    // expected-error @below {{expected to carry numbers and tiles, got 'memref<?xf32, strided<[?], offset: ?>>'}}
    %m = scf.for %i = %c0 to %T step %c1 iter_args(%from = %x) -> !m {
      %t = tile.load %from[0] dims [0] limits [16] : !m -> tensor<16xf32>
      tile.store %t, %y[0] dims [0] limits [16] : tensor<16xf32> -> !m
      scf.yield %y : !m
    }
    tile.return
  }
}

// -----

!m = memref<?xf32, strided<[?], offset: ?>>
tile.program @p of @spec plan "plan" buffers [] {
  tile.kernel @chooses(%block: index, %B: index, %T: index, %splits: index, %span: index, %x: !m, %y: !m, %z: !m) attributes {grid = #tile.grid<blocks = 1>} {
    %c = arith.cmpi slt, %B, %T : index
    // expected-error @below {{expected to carry numbers and tiles, got 'memref<?xf32, strided<[?], offset: ?>>'}}
    %m = scf.if %c -> !m {
      scf.yield %x : !m
    } else {
      scf.yield %y : !m
    }
    %t = tile.load %m[0] dims [0] limits [16] : !m -> tensor<16xf32>
    tile.store %t, %z[0] dims [0] limits [16] : tensor<16xf32> -> !m
    tile.return
  }
}
