// RUN: mixer-opt %s --split-input-file --verify-diagnostics

!m = memref<?x4xf32, strided<[?, ?], offset: ?>>
!n = memref<?x4xbf16, strided<[?, ?], offset: ?>>
tile.program @program_C1 of @spec plan "plan" buffers [] {
  tile.kernel @a(%block: index, %B: index, %T: index, %splits: index, %span: index, %x: !m) attributes {grid = #tile.grid<blocks = 1>} {
    tile.return
  }
  // expected-error @below {{expected the argument types of kernel @a}}
  tile.kernel @b(%block: index, %B: index, %T: index, %splits: index, %span: index, %x: !n) attributes {grid = #tile.grid<blocks = 1>} {
    tile.return
  }
}

// -----

// expected-error @below {{expected at least 5 arguments, got 1}}
tile.kernel @kernel_C1_count(%block: index) attributes {grid = #tile.grid<blocks = 1>} {
  tile.return
}

// -----

// expected-error @below {{expected argument 4 to be an index, got 'f32'}}
tile.kernel @kernel_C1_index(%block: index, %B: index, %T: index, %splits: index, %span: f32) attributes {grid = #tile.grid<blocks = 1>} {
  tile.return
}

// -----

// expected-error @below {{expected argument 5 to be a strided memref with a dynamic offset, got 'memref<?x4xf32>'}}
tile.kernel @kernel_C1_strides(%block: index, %B: index, %T: index, %splits: index, %span: index, %x: memref<?x4xf32>) attributes {grid = #tile.grid<blocks = 1>} {
  tile.return
}

// -----

// expected-error @below {{expected no results, got 1}}
tile.kernel @kernel_C2(%block: index, %B: index, %T: index, %splits: index, %span: index) -> index attributes {grid = #tile.grid<blocks = 1>} {
  tile.return
}

// -----

!m = memref<?x4xf32, strided<[?, ?], offset: ?>>
tile.kernel @load_C1(%block: index, %B: index, %T: index, %splits: index, %span: index, %x: !m) attributes {grid = #tile.grid<blocks = 1>} {
  // expected-error @below {{expected 2 offset values, got 1}}
  %0 = tile.load %x[0] dims [0, 1] limits [4, 4] : !m -> tensor<4x4xf32>
  tile.return
}

// -----

!m = memref<?x4xf32, strided<[?, ?], offset: ?>>
tile.kernel @load_C2_dims(%block: index, %B: index, %T: index, %splits: index, %span: index, %x: !m) attributes {grid = #tile.grid<blocks = 1>} {
  // expected-error @below {{expected 2 entries in dims, got 1}}
  %0 = tile.load %x[0, 0] dims [0] limits [4, 4] : !m -> tensor<4x4xf32>
  tile.return
}

// -----

!m = memref<?x4xf32, strided<[?, ?], offset: ?>>
tile.kernel @load_C2_limits(%block: index, %B: index, %T: index, %splits: index, %span: index, %x: !m) attributes {grid = #tile.grid<blocks = 1>} {
  // expected-error @below {{expected 2 limit values, got 1}}
  %0 = tile.load %x[0, 0] dims [0, 1] limits [4] : !m -> tensor<4x4xf32>
  tile.return
}

// -----

!m = memref<?x4xf32, strided<[?, ?], offset: ?>>
tile.kernel @load_C2_distinct(%block: index, %B: index, %T: index, %splits: index, %span: index, %x: !m) attributes {grid = #tile.grid<blocks = 1>} {
  // expected-error @below {{expected distinct dims below 2, got 1}}
  %0 = tile.load %x[0, 0] dims [1, 1] limits [4, 4] : !m -> tensor<4x4xf32>
  tile.return
}

// -----

!m = memref<?x4xf32, strided<[?, ?], offset: ?>>
tile.kernel @load_C3(%block: index, %B: index, %T: index, %splits: index, %span: index, %x: !m) attributes {grid = #tile.grid<blocks = 1>} {
  // expected-error @below {{expected float elements, got 'f32' and 'i32'}}
  %0 = tile.load %x[0, 0] dims [0, 1] limits [4, 4] : !m -> tensor<4x4xi32>
  tile.return
}

// -----

!m = memref<?x4xf32, strided<[?, ?], offset: ?>>
tile.kernel @store_C2(%block: index, %B: index, %T: index, %splits: index, %span: index, %x: !m) attributes {grid = #tile.grid<blocks = 1>} {
  %0 = arith.constant dense<0.0> : tensor<4x4xf32>
  // expected-error @below {{expected distinct dims below 2, got 2}}
  tile.store %0, %x[0, 0] dims [0, 2] limits [4, 4] : tensor<4x4xf32> -> !m
  tile.return
}

// -----

tile.kernel @cumsum_C1(%block: index, %B: index, %T: index, %splits: index, %span: index) attributes {grid = #tile.grid<blocks = 1>} {
  %0 = arith.constant dense<0.0> : tensor<4xbf16>
  // expected-error @below {{expected an f32 tile of rank 1 or more, got 'tensor<4xbf16>'}}
  %s, %r = tile.cumsum %0 : tensor<4xbf16>
  tile.return
}

// -----

tile.kernel @running_sum_C1(%block: index, %B: index, %T: index, %splits: index, %span: index) attributes {grid = #tile.grid<blocks = 1>} {
  %0 = arith.constant dense<0.0> : tensor<4xbf16>
  // expected-error @below {{expected an f32 tile of rank 1 or more, got 'tensor<4xbf16>'}}
  %s, %l, %e = tile.running_sum %0 after %0, %0 : tensor<4xbf16>
  tile.return
}

// -----

tile.kernel @running_max_C1(%block: index, %B: index, %T: index, %splits: index, %span: index) attributes {grid = #tile.grid<blocks = 1>} {
  %0 = arith.constant dense<0.0> : tensor<f32>
  // expected-error @below {{expected an f32 tile of rank 1 or more, got 'tensor<f32>'}}
  %m, %e = tile.running_max %0 decay %0 after %0 : tensor<f32>
  tile.return
}

// -----

tile.kernel @lag_C1(%block: index, %B: index, %T: index, %splits: index, %span: index) attributes {grid = #tile.grid<blocks = 1>} {
  %0 = arith.constant dense<0.0> : tensor<4xbf16>
  // expected-error @below {{expected an f32 tile of rank 1 or more, got 'tensor<4xbf16>'}}
  %l, %w, %e, %f, %r, %b = tile.lag %0 after %0, %0 : tensor<4xbf16>
  tile.return
}

// -----

tile.kernel @guard_C1_rank(%block: index, %B: index, %T: index, %splits: index, %span: index) attributes {grid = #tile.grid<blocks = 1>} {
  %x = arith.constant dense<0.0> : tensor<8x2x16xbf16>
  %s = arith.constant dense<0.0> : tensor<16x8xf32>
  // expected-error @below {{expected sums of rank 3, got 2}}
  %f, %m = tile.guard %x into %s : tensor<8x2x16xbf16>, tensor<16x8xf32>
  tile.return
}

// -----

tile.kernel @guard_C1_x(%block: index, %B: index, %T: index, %splits: index, %span: index) attributes {grid = #tile.grid<blocks = 1>} {
  %x = arith.constant dense<0.0> : tensor<8x2x16xbf16>
  %s = arith.constant dense<0.0> : tensor<2x16x4xf32>
  // expected-error @below {{expected x of shape [4, 2, 16], got [8, 2, 16]}}
  %f, %m = tile.guard %x into %s : tensor<8x2x16xbf16>, tensor<2x16x4xf32>
  tile.return
}

// -----

tile.kernel @guard_C1_resets(%block: index, %B: index, %T: index, %splits: index, %span: index) attributes {grid = #tile.grid<blocks = 1>} {
  %x = arith.constant dense<0.0> : tensor<8x2x16xbf16>
  %s = arith.constant dense<0.0> : tensor<2x16x8xf32>
  %r = arith.constant dense<0.0> : tensor<2x8xbf16>
  // expected-error @below {{expected resets to hold f32, got 'bf16'}}
  %f, %m = tile.guard %x into %s since %r : tensor<2x8xbf16> : tensor<8x2x16xbf16>, tensor<2x16x8xf32>
  tile.return
}

// -----

tile.kernel @since_reset_C1(%block: index, %B: index, %T: index, %splits: index, %span: index) attributes {grid = #tile.grid<blocks = 1>} {
  %x = arith.constant dense<0.0> : tensor<8x2x16xbf16>
  %s = arith.constant dense<0.0> : tensor<2x16x4xf32>
  %b = arith.constant dense<0.0> : tensor<8x5xbf16>
  %r = arith.constant dense<0.0> : tensor<2x8xf32>
  // expected-error @below {{expected b of shape [8, 4], got [8, 5]}}
  %n = tile.since_reset %s x = %x, scale = %r, b = %b, resets = %r : tensor<2x16x4xf32>, tensor<8x2x16xbf16>, tensor<2x8xf32>, tensor<8x5xbf16>, tensor<2x8xf32>
  tile.return
}

// -----

tile.kernel @scan_C1(%block: index, %B: index, %T: index, %splits: index, %span: index) attributes {grid = #tile.grid<blocks = 1>} {
  %x = arith.constant dense<1.0> : tensor<8x2x16xf32>
  %b = arith.constant dense<1.0> : tensor<8x5xf32>
  %i = arith.constant dense<0.0> : tensor<2x4x16xf32>
  // expected-error @below {{expected b of shape [8, 4], got [8, 5]}}
  %y, %s = tile.scan x = %x, b = %b, c = %b, init = %i : tensor<8x2x16xf32>, tensor<8x5xf32>, tensor<8x5xf32>, tensor<2x4x16xf32> -> tensor<8x2x16xf32>, tensor<2x4x16xf32>
  tile.return
}

// -----

tile.kernel @scan_C1_columns(%block: index, %B: index, %T: index, %splits: index, %span: index) attributes {grid = #tile.grid<blocks = 1>} {
  %x = arith.constant dense<1.0> : tensor<8x2x16xf32>
  %b = arith.constant dense<1.0> : tensor<8x4xf32>
  %d = arith.constant dense<1.0> : tensor<8x2x3x16xf32>
  %i = arith.constant dense<0.0> : tensor<2x4x16xf32>
  // expected-error @below {{expected decay of shape [8, 2, 4, 16], got [8, 2, 3, 16]}}
  %y, %s = tile.scan x = %x, b = %b, c = %b, decay = %d : tensor<8x2x3x16xf32>, init = %i : tensor<8x2x16xf32>, tensor<8x4xf32>, tensor<8x4xf32>, tensor<2x4x16xf32> -> tensor<8x2x16xf32>, tensor<2x4x16xf32>
  tile.return
}

// -----

tile.kernel @scan_C1_across(%block: index, %B: index, %T: index, %splits: index, %span: index) attributes {grid = #tile.grid<blocks = 1>} {
  %x = arith.constant dense<1.0> : tensor<8x2x16xf32>
  %b = arith.constant dense<1.0> : tensor<8x4xf32>
  %i = arith.constant dense<0.0> : tensor<2x4x16xf32>
  // expected-error @below {{expected c of shape [8, 2, 16], got [8, 4]}}
  %y, %s = tile.scan x = %x, b = %b, c = %b, init = %i across : tensor<8x2x16xf32>, tensor<8x4xf32>, tensor<8x4xf32>, tensor<2x4x16xf32> -> tensor<8x2x4xf32>, tensor<2x4x16xf32>
  tile.return
}

// -----

tile.kernel @scan_C1_y_across(%block: index, %B: index, %T: index, %splits: index, %span: index) attributes {grid = #tile.grid<blocks = 1>} {
  %x = arith.constant dense<1.0> : tensor<8x2x16xf32>
  %b = arith.constant dense<1.0> : tensor<8x4xf32>
  %i = arith.constant dense<0.0> : tensor<2x4x16xf32>
  // expected-error @below {{expected y of shape [8, 2, 4], got [8, 2, 16]}}
  %y, %s = tile.scan x = %x, b = %b, c = %x, init = %i across : tensor<8x2x16xf32>, tensor<8x4xf32>, tensor<8x2x16xf32>, tensor<2x4x16xf32> -> tensor<8x2x16xf32>, tensor<2x4x16xf32>
  tile.return
}

// -----

tile.kernel @scan_C2(%block: index, %B: index, %T: index, %splits: index, %span: index) attributes {grid = #tile.grid<blocks = 1>} {
  %x = arith.constant dense<1.0> : tensor<8x2x16xf32>
  %b = arith.constant dense<1.0> : tensor<8x4xbf16>
  %i = arith.constant dense<0.0> : tensor<2x4x16xf32>
  // expected-error @below {{expected b to hold f32, got 'bf16'}}
  %y, %s = tile.scan x = %x, b = %b, c = %b, init = %i : tensor<8x2x16xf32>, tensor<8x4xbf16>, tensor<8x4xbf16>, tensor<2x4x16xf32> -> tensor<8x2x16xf32>, tensor<2x4x16xf32>
  tile.return
}

// -----

tile.kernel @scan_C3(%block: index, %B: index, %T: index, %splits: index, %span: index) attributes {grid = #tile.grid<blocks = 1>} {
  %x = arith.constant dense<1.0> : tensor<8x2x16xf32>
  %b = arith.constant dense<1.0> : tensor<8x4xf32>
  %i = arith.constant dense<0.0> : tensor<2x4x16xf32>
  // expected-error @below {{expected r beside l}}
  %y, %s = tile.scan x = %x, b = %b, c = %b, l = %b : tensor<8x4xf32>, init = %i : tensor<8x2x16xf32>, tensor<8x4xf32>, tensor<8x4xf32>, tensor<2x4x16xf32> -> tensor<8x2x16xf32>, tensor<2x4x16xf32>
  tile.return
}

// -----

tile.kernel @scan_C4(%block: index, %B: index, %T: index, %splits: index, %span: index) attributes {grid = #tile.grid<blocks = 1>} {
  %x = arith.constant dense<1.0> : tensor<8x2x16xf32>
  %b = arith.constant dense<1.0> : tensor<8x4xf32>
  %i = arith.constant dense<0.0> : tensor<2x4x16xf32>
  // expected-error @below {{expected associative without pre}}
  %y, %s = tile.scan x = %x, b = %b, c = %b, init = %i associative pre : tensor<8x2x16xf32>, tensor<8x4xf32>, tensor<8x4xf32>, tensor<2x4x16xf32> -> tensor<8x2x16xf32>, tensor<2x4x16xf32>
  tile.return
}

// -----

tile.kernel @scan_C4_across(%block: index, %B: index, %T: index, %splits: index, %span: index) attributes {grid = #tile.grid<blocks = 1>} {
  %x = arith.constant dense<1.0> : tensor<8x2x1xf32>
  %b = arith.constant dense<1.0> : tensor<8x1xf32>
  %i = arith.constant dense<0.0> : tensor<2x1x1xf32>
  // expected-error @below {{expected associative without across}}
  %y, %s = tile.scan x = %x, b = %b, c = %x, init = %i associative across : tensor<8x2x1xf32>, tensor<8x1xf32>, tensor<8x2x1xf32>, tensor<2x1x1xf32> -> tensor<8x2x1xf32>, tensor<2x1x1xf32>
  tile.return
}

// -----

tile.kernel @scan_C4_columns(%block: index, %B: index, %T: index, %splits: index, %span: index) attributes {grid = #tile.grid<blocks = 1>} {
  %x = arith.constant dense<1.0> : tensor<8x2x16xf32>
  %b = arith.constant dense<1.0> : tensor<8x2x4x16xf32>
  %i = arith.constant dense<0.0> : tensor<2x4x16xf32>
  // expected-error @below {{expected associative without b or c for each column}}
  %y, %s = tile.scan x = %x, b = %b, c = %b, init = %i associative : tensor<8x2x16xf32>, tensor<8x2x4x16xf32>, tensor<8x2x4x16xf32>, tensor<2x4x16xf32> -> tensor<8x2x16xf32>, tensor<2x4x16xf32>
  tile.return
}

// -----

tile.kernel @scan_C5(%block: index, %B: index, %T: index, %splits: index, %span: index) attributes {grid = #tile.grid<blocks = 1>} {
  %x = arith.constant dense<1.0> : tensor<8x2x16xf32>
  %b = arith.constant dense<1.0> : tensor<8x4xf32>
  %e = arith.constant dense<0.0> : tensor<2x8xf32>
  %i = arith.constant dense<0.0> : tensor<2x4x16xf32>
  // expected-error @below {{expected excess with a decay of its type, got 'tensor<2x8xf32>'}}
  %y, %s = tile.scan x = %x, b = %b, c = %b, excess = %e : tensor<2x8xf32>, init = %i : tensor<8x2x16xf32>, tensor<8x4xf32>, tensor<8x4xf32>, tensor<2x4x16xf32> -> tensor<8x2x16xf32>, tensor<2x4x16xf32>
  tile.return
}

// -----

tile.kernel @spans_C1(%block: index, %B: index, %T: index, %splits: index, %span: index) attributes {grid = #tile.grid<blocks = 1>} {
  %g = arith.constant dense<1.0> : tensor<2x8x4xf32>
  // expected-error @below {{expected an f32 tile of rank 2, got 'tensor<2x8x4xf32>'}}
  %s = tile.spans %g blocks [8] anchors [4] : tensor<2x8x4xf32> -> tensor<1x2x8x4xf32>
  tile.return
}

// -----

tile.kernel @spans_C2_block(%block: index, %B: index, %T: index, %splits: index, %span: index) attributes {grid = #tile.grid<blocks = 1>} {
  %g = arith.constant dense<1.0> : tensor<8x4xf32>
  // expected-error @below {{expected a block that divides the 8 tokens, got 3}}
  %s = tile.spans %g blocks [3] anchors [1] : tensor<8x4xf32> -> tensor<1x8x4xf32>
  tile.return
}

// -----

tile.kernel @spans_C2_anchor(%block: index, %B: index, %T: index, %splits: index, %span: index) attributes {grid = #tile.grid<blocks = 1>} {
  %g = arith.constant dense<1.0> : tensor<8x4xf32>
  // expected-error @below {{expected an anchor from 0 to 4, got 5}}
  %s = tile.spans %g blocks [4] anchors [5] : tensor<8x4xf32> -> tensor<1x8x4xf32>
  tile.return
}

// -----

tile.kernel @spans_C1_spans(%block: index, %B: index, %T: index, %splits: index, %span: index) attributes {grid = #tile.grid<blocks = 1>} {
  %g = arith.constant dense<1.0> : tensor<8x4xf32>
  // expected-error @below {{expected f32 spans of 2 times 'tensor<8x4xf32>', got 'tensor<1x8x4xf32>'}}
  %s = tile.spans %g blocks [4, 8] anchors [2, 4] : tensor<8x4xf32> -> tensor<1x8x4xf32>
  tile.return
}

// -----

tile.kernel @spans_C2_anchors(%block: index, %B: index, %T: index, %splits: index, %span: index) attributes {grid = #tile.grid<blocks = 1>} {
  %g = arith.constant dense<1.0> : tensor<8x4xf32>
  // expected-error @below {{expected one anchor for each of one or more blocks, got 1 for 2}}
  %s = tile.spans %g blocks [4, 8] anchors [2] : tensor<8x4xf32> -> tensor<2x8x4xf32>
  tile.return
}

// -----

tile.kernel @solve_C1(%block: index, %B: index, %T: index, %splits: index, %span: index) attributes {grid = #tile.grid<blocks = 1>} {
  %m = arith.constant dense<1.0> : tensor<2x8x9xf32>
  %r = arith.constant dense<1.0> : tensor<2x16x8xf32>
  // expected-error @below {{expected the matrix of shape [2, 8, 8], got [2, 8, 9]}}
  %s = tile.solve %m, %r : tensor<2x8x9xf32>, tensor<2x16x8xf32> -> tensor<8x2x16xf32>
  tile.return
}

// -----

tile.kernel @solve_C2(%block: index, %B: index, %T: index, %splits: index, %span: index) attributes {grid = #tile.grid<blocks = 1>} {
  %m = arith.constant dense<1.0> : tensor<2x8x8xbf16>
  %r = arith.constant dense<1.0> : tensor<2x16x8xf32>
  // expected-error @below {{expected the matrix to hold f32, got 'bf16'}}
  %s = tile.solve %m, %r : tensor<2x8x8xbf16>, tensor<2x16x8xf32> -> tensor<8x2x16xf32>
  tile.return
}

// -----

!m = memref<?x4xf32, strided<[?, ?], offset: ?>>
tile.kernel @reverse_C1_dim(%block: index, %B: index, %T: index, %splits: index, %span: index, %x: !m) attributes {grid = #tile.grid<blocks = 1>} {
  // expected-error @below {{expected one of 2 dimensions, got -1}}
  %r = tile.reverse %x dim -1 of %T : !m
  tile.return
}

// -----

!m = memref<?x4xf32, strided<[?, 1], offset: ?>>
tile.kernel @reverse_C1_stride(%block: index, %B: index, %T: index, %splits: index, %span: index, %x: !m) attributes {grid = #tile.grid<blocks = 1>} {
  // expected-error @below {{expected a dynamic stride of dimension 1 and a dynamic offset, got 'memref<?x4xf32, strided<[?, 1], offset: ?>>'}}
  %r = tile.reverse %x dim 1 of %T : !m
  tile.return
}

// -----

!m = memref<?x4xf32, strided<[?, ?], offset: ?>>
tile.kernel @earlier_C1_dim(%block: index, %B: index, %T: index, %splits: index, %span: index, %x: !m) attributes {grid = #tile.grid<blocks = 1>} {
  // expected-error @below {{expected one of 2 dimensions and by at least 1, got 2 and 1}}
  %e = tile.earlier %x dim 2 by 1 : !m
  tile.return
}

// -----

!m = memref<?x4xf32, strided<[?, ?], offset: ?>>
tile.kernel @earlier_C1_by(%block: index, %B: index, %T: index, %splits: index, %span: index, %x: !m) attributes {grid = #tile.grid<blocks = 1>} {
  // expected-error @below {{expected one of 2 dimensions and by at least 1, got 0 and 0}}
  %e = tile.earlier %x dim 0 by 0 : !m
  tile.return
}

// -----

!m = memref<?x4xf32, strided<[?, ?], offset: ?>>
tile.kernel @earlier_C2_store(%block: index, %B: index, %T: index, %splits: index, %span: index, %x: !m) attributes {grid = #tile.grid<blocks = 1>} {
  // expected-error @below {{expected loads along dimension 0, or its steps, got}}
  %e = tile.earlier %x dim 0 by 1 : !m
  %t = tile.load %x[0, 0] dims [0] limits [4] : !m -> tensor<4xf32>
  tile.store %t, %e[0, 0] dims [0] limits [4] : tensor<4xf32> -> !m
  tile.return
}

// -----

!m = memref<?x4xf32, strided<[?, ?], offset: ?>>
tile.kernel @earlier_C2_along(%block: index, %B: index, %T: index, %splits: index, %span: index, %x: !m) attributes {grid = #tile.grid<blocks = 1>} {
  // expected-error @below {{expected loads along dimension 0, or its steps, got}}
  %e = tile.earlier %x dim 0 by 1 : !m
  %t = tile.load %e[%T, 0] dims [1] limits [4] : !m -> tensor<4xf32>
  tile.return
}

// -----

!m = memref<?x4xf32, strided<[?, ?], offset: ?>>
tile.kernel @earlier_C2_reversed(%block: index, %B: index, %T: index, %splits: index, %span: index, %x: !m) attributes {grid = #tile.grid<blocks = 1>} {
  // expected-error @below {{expected loads along dimension 0, or its steps, got}}
  %e = tile.earlier %x dim 0 by 1 : !m
  %r = tile.reverse %e dim 0 of %T : !m
  tile.return
}

// -----

!m = memref<?x4xf32, strided<[?, ?], offset: ?>>
tile.kernel @steps_C2_earlier(%block: index, %B: index, %T: index, %splits: index, %span: index, %x: !m) attributes {grid = #tile.grid<blocks = 1>} {
  %e = tile.earlier %x dim 0 by 1 : !m
  // expected-error @below {{expected loads along dimension 0 alone that begin at 0 of the steps, got}}
  %s = tile.steps %e dim 0 of 2 : !m
  %t = tile.load %x[0, 0] dims [0] limits [4] : !m -> tensor<4xf32>
  tile.store %t, %s[0, 0] dims [0] limits [4] : tensor<4xf32> -> !m
  tile.return
}

// -----

!m = memref<?x4xf32, strided<[?, ?], offset: ?>>
tile.kernel @steps_C1_dim(%block: index, %B: index, %T: index, %splits: index, %span: index, %x: !m) attributes {grid = #tile.grid<blocks = 1>} {
  // expected-error @below {{expected one of 2 dimensions and a count of at least 1, got 2 and 4}}
  %s = tile.steps %x dim 2 of 4 : !m
  tile.return
}

// -----

!m = memref<?x4xf32, strided<[?, ?], offset: ?>>
tile.kernel @steps_C1_count(%block: index, %B: index, %T: index, %splits: index, %span: index, %x: !m) attributes {grid = #tile.grid<blocks = 1>} {
  // expected-error @below {{expected one of 2 dimensions and a count of at least 1, got 0 and 0}}
  %s = tile.steps %x dim 0 of 0 : !m
  tile.return
}

// -----

!m = memref<?x4xf32, strided<[?, ?], offset: ?>>
tile.kernel @steps_C1_through(%block: index, %B: index, %T: index, %splits: index, %span: index, %x: !m) attributes {grid = #tile.grid<blocks = 1>} {
  // expected-error @below {{expected through another dimension, of size 3, got 1 of}}
  %s = tile.steps %x dim 0 of 3 through 1 : !m
  tile.return
}

// -----

!m = memref<?x4xf32, strided<[?, ?], offset: ?>>
tile.kernel @steps_C1_itself(%block: index, %B: index, %T: index, %splits: index, %span: index, %x: !m) attributes {grid = #tile.grid<blocks = 1>} {
  // expected-error @below {{expected through another dimension, of size 4, got 1 of}}
  %s = tile.steps %x dim 1 of 4 through 1 : !m
  tile.return
}

// -----

!m = memref<?x4xf32, strided<[?, ?], offset: ?>>
tile.kernel @steps_C2_use(%block: index, %B: index, %T: index, %splits: index, %span: index, %x: !m) attributes {grid = #tile.grid<blocks = 1>} {
  // expected-error @below {{expected loads and stores along dimension 0 alone that begin at 0 of the steps, got}}
  %s = tile.steps %x dim 0 of 4 : !m
  %r = tile.reverse %s dim 0 of %T : !m
  tile.return
}

// -----

!m = memref<?x4xf32, strided<[?, ?], offset: ?>>
tile.kernel @steps_C2_along(%block: index, %B: index, %T: index, %splits: index, %span: index, %x: !m) attributes {grid = #tile.grid<blocks = 1>} {
  // expected-error @below {{expected loads and stores along dimension 0 alone that begin at 0 of the steps, got}}
  %s = tile.steps %x dim 0 of 2 : !m
  %t = tile.load %s[0, 0] dims [1] limits [4] : !m -> tensor<4xf32>
  tile.return
}

// -----

!m = memref<?x4xf32, strided<[?, ?], offset: ?>>
tile.kernel @steps_C2_through(%block: index, %B: index, %T: index, %splits: index, %span: index, %x: !m) attributes {grid = #tile.grid<blocks = 1>} {
  // expected-error @below {{expected loads and stores along dimension 0 alone that begin at 0 of the steps, got}}
  %s = tile.steps %x dim 0 of 4 through 1 : !m
  %t = tile.load %s[0, 0] dims [0, 1] limits [4, 4] : !m -> tensor<4x4xf32>
  tile.return
}

// -----

!m = memref<?x4xf32, strided<[?, ?], offset: ?>>
tile.kernel @steps_C2_offset(%block: index, %B: index, %T: index, %splits: index, %span: index, %x: !m) attributes {grid = #tile.grid<blocks = 1>} {
  // expected-error @below {{expected loads and stores along dimension 0 alone that begin at 0 of the steps, got}}
  %s = tile.steps %x dim 0 of 4 through 1 : !m
  %t = tile.load %s[0, 1] dims [0] limits [4] : !m -> tensor<4xf32>
  tile.return
}

// -----

!m = memref<?x4xbf16, strided<[?, ?], offset: ?>>
tile.kernel @release_C1_element(%block: index, %B: index, %T: index, %splits: index, %span: index, %x: !m) attributes {grid = #tile.grid<blocks = 1>} {
  // expected-error @below {{'tile.release' op expected a memref of f32 with 2 dimensions, got 'memref<?x4xbf16}}
  tile.release %x[%block, %B] : !m
  tile.return
}

// -----

!m = memref<?x4xf32, strided<[?, ?], offset: ?>>
tile.kernel @acquire_C1_rank(%block: index, %B: index, %T: index, %splits: index, %span: index, %x: !m) attributes {grid = #tile.grid<blocks = 1>} {
  // expected-error @below {{'tile.acquire' op expected a memref of f32 with 1 dimensions, got 'memref<?x4xf32}}
  tile.acquire %x[%block] : !m
  tile.return
}

// -----

!m = memref<?xf32, strided<[?], offset: ?>>
tile.kernel @kernel_constant_comparison(%block: index, %B: index, %T: index, %splits: index, %span: index, %x: !m) attributes {grid = #tile.grid<blocks = 1>} {
  %c = arith.constant 1.0 : f32
  // expected-error @below {{'arith.cmpf' op expected a predicate that depends on the operands; write the constant instead}}
  %t = arith.cmpf true, %c, %c : f32
  tile.return
}

// -----

!m = memref<?xf32, strided<[?], offset: ?>>
tile.kernel @kernel_C3(%block: index, %B: index, %T: index, %splits: index, %span: index, %x: !m) attributes {grid = #tile.grid<blocks = 1>} {
  // expected-error @below {{'tile.load' op expected tiles of 1 to 2^40 elements, got 'tensor<4611686018427387904xf32>'}}
  %t = tile.load %x[0] dims [0] limits [16] : !m -> tensor<4611686018427387904xf32>
  tile.return
}

// -----

!m = memref<?x?xf32, strided<[?, ?], offset: ?>>
tile.kernel @kernel_C3_overflow(%block: index, %B: index, %T: index, %splits: index, %span: index, %x: !m) attributes {grid = #tile.grid<blocks = 1>} {
  // expected-error @below {{'tile.load' op expected tiles of 1 to 2^40 elements, got 'tensor<4294967296x4294967296xf32>'}}
  %t = tile.load %x[0, 0] dims [0, 1] limits [16, 16] : !m -> tensor<4294967296x4294967296xf32>
  tile.return
}

// -----

// expected-error @below {{expected blocks from 1 to 281474976710656, got -1}}
module attributes {grid = #tile.grid<blocks = -1>} {}

// -----

// expected-error @below {{expected rows from 0 to 65536, got 9223372036854775807}}
module attributes {grid = #tile.grid<blocks = 1, rows = 9223372036854775807>} {}

// -----

!m = memref<?x4xf32, strided<[?, ?], offset: ?>>
tile.kernel @load_C1_dynamic(%block: index, %B: index, %T: index, %splits: index, %span: index, %x: !m) attributes {grid = #tile.grid<blocks = 1>} {
  // expected-error @below {{expected 1 dynamic offset values}}
  %0 = "tile.load"(%x) <{dims = array<i64: 0, 1>, operandSegmentSizes = array<i32: 1, 0, 0>, static_limits = array<i64: 4, 4>, static_offsets = array<i64: 0, -9223372036854775808>}> : (!m) -> tensor<4x4xf32>
  tile.return
}

// -----

// Other parts of the kernel may not have been verified yet.
tile.kernel @part_unverified(%block: index, %B: index, %T: index, %splits: index, %span: index) attributes {grid = #tile.grid<blocks = 1>} {
  // expected-error @below {{expected one count in all of the kernel, got 2 and another}}
  %0 = tile.part of 2
  %1 = "tile.part"() : () -> index
  tile.return
}

// -----

!m = memref<?x4xf32, strided<[?, ?], offset: ?>>
tile.kernel @load_C2_dynamic(%block: index, %B: index, %T: index, %splits: index, %span: index, %x: !m) attributes {grid = #tile.grid<blocks = 1>} {
  // expected-error @below {{expected 1 dynamic limit values}}
  %0 = "tile.load"(%x) <{dims = array<i64: 0, 1>, operandSegmentSizes = array<i32: 1, 0, 0>, static_limits = array<i64: 4, -9223372036854775808>, static_offsets = array<i64: 0, 0>}> : (!m) -> tensor<4x4xf32>
  tile.return
}

// -----

// expected-error @below {{expected argument 5 to hold floats in the default memory space, got 'memref<?xindex, strided<[?], offset: ?>>'}}
tile.kernel @kernel_C1_element(%block: index, %B: index, %T: index, %splits: index, %span: index, %x: memref<?xindex, strided<[?], offset: ?>>) attributes {grid = #tile.grid<blocks = 1>} {
  tile.return
}

// -----

// expected-error @below {{expected argument 5 to hold floats in the default memory space, got 'memref<?xf32, strided<[?], offset: ?>, 3>'}}
tile.kernel @kernel_C1_space(%block: index, %B: index, %T: index, %splits: index, %span: index, %x: memref<?xf32, strided<[?], offset: ?>, 3>) attributes {grid = #tile.grid<blocks = 1>} {
  tile.return
}

// -----

!m = memref<?xf32, strided<[?], offset: ?>>
tile.kernel @kernel_C3_empty(%block: index, %B: index, %T: index, %splits: index, %span: index, %x: !m) attributes {grid = #tile.grid<blocks = 1>} {
  // expected-error @below {{expected tiles of 1 to 2^40 elements, got 'tensor<0xf32>'}}
  %t = tile.load %x[0] dims [0] limits [0] : !m -> tensor<0xf32>
  tile.return
}

// -----

func.func @tf32_is_a_mark(%w: tensor<16x16xf32>) {
  // expected-error @below {{expected "tile.tf32" to be a unit attribute, got 1 : i64}}
  %p = linalg.contract indexing_maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (k, n)>, affine_map<(m, n, k) -> (m, n)>] {tile.tf32 = 1} ins(%w, %w : tensor<16x16xf32>, tensor<16x16xf32>) outs(%w : tensor<16x16xf32>) -> tensor<16x16xf32>
  return
}

// -----

func.func @tf32_of_products(%w: tensor<16x16xf32>) {
  // expected-error @below {{expected "tile.tf32" on linalg.contract only}}
  %p = arith.addf %w, %w {tile.tf32} : tensor<16x16xf32>
  return
}

// -----

func.func @tf32_of_f32(%a: tensor<16x16xf32>, %b: tensor<16x16xbf16>) {
  // expected-error @below {{expected operands of f32 with "tile.tf32", got 'bf16'}}
  %p = linalg.contract indexing_maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (k, n)>, affine_map<(m, n, k) -> (m, n)>] {tile.tf32} ins(%a, %b : tensor<16x16xf32>, tensor<16x16xbf16>) outs(%a : tensor<16x16xf32>) -> tensor<16x16xf32>
  return
}

// -----

tile.kernel @sequence_C1_rows(%block: index, %B: index, %T: index, %splits: index, %span: index) attributes {grid = #tile.grid<blocks = 1>} {
  // expected-error @below {{expected rows of at least 0, and none with split, got -1}}
  %0:9 = tile.sequence %block rows -1
  tile.return
}

// -----

tile.kernel @sequence_C1_split(%block: index, %B: index, %T: index, %splits: index, %span: index) attributes {grid = #tile.grid<blocks = 1>} {
  // expected-error @below {{expected rows of at least 0, and none with split, got 64}}
  %0:9 = tile.sequence %block split rows 64
  tile.return
}

// -----

// expected-error@+1 {{expected `most` and `of` together, or none of them}}
tile.program @buffer_C1_most of @spec plan "plan" buffers [#tile.buffer<[-1, 2], most = 5.0 : f32>] {}

// -----

// expected-error@+1 {{expected -1 for the first size of a buffer with `most`}}
tile.program @buffer_C1_size of @spec plan "plan" buffers [#tile.buffer<[2], most = 5.0 : f32, of = "g">] {}

// -----

// expected-error@+1 {{expected `most` of at least 0, got -5.000000e+00 : f32}}
tile.program @buffer_C1_sign of @spec plan "plan" buffers [#tile.buffer<[-1], most = -5.0 : f32, of = "g">] {}

// -----

// expected-error@+1 {{expected `bands` to be a dimension of a static size, got 0}}
tile.program @buffer_C2 of @spec plan "plan" buffers [#tile.buffer<[-1, 2] bands 0>] attributes {bands} {}

// -----

// expected-error@+1 {{expected bands on the program for the buffer #tile.buffer<[-1, 2] bands 1>}}
tile.program @program_C2_buffer of @spec plan "plan" buffers [#tile.buffer<[-1, 2] bands 1>] {}

// -----

tile.program @program_C2_grid of @spec plan "plan" buffers [] {
  // expected-error@+1 {{expected bands on the program for #tile.grid<blocks = 1, bands = true>}}
  tile.kernel @k(%block: index, %B: index, %T: index, %splits: index, %span: index) attributes {grid = #tile.grid<blocks = 1, bands = true>} {
    tile.return
  }
}

// -----

tile.program @bands_C1 of @spec plan "plan" buffers [] {
  tile.kernel @k(%block: index, %B: index, %T: index, %splits: index, %span: index) attributes {grid = #tile.grid<blocks = 1>} {
    // expected-error@+1 {{expected a program with bands}}
    %bands = tile.bands
    tile.return
  }
}
