// RUN: mixer-opt %s --tile-to-cpu --canonicalize --cse --split-input-file | FileCheck %s

// Sums are carried in f64; a reset starts the sum anew and adds one to the count.
// CHECK-LABEL: func.func @cumsum__main
// CHECK: scf.for {{.*}} iter_args(%[[SUM:.*]] = %{{.*}}, %[[COUNT:.*]] = %{{.*}}) -> (f64, f32)
// CHECK:   %[[RESET:.*]] = arith.cmpf olt, %[[X:.*]], %{{.*}} : f32
// CHECK:   %[[WIDE:.*]] = arith.extf %[[X]] : f32 to f64
// CHECK:   %[[ADDED:.*]] = arith.addf %[[SUM]], %[[WIDE]] : f64
// CHECK:   arith.select %[[RESET]], %{{.*}}, %[[ADDED]] : f64
// CHECK:   arith.addf %[[COUNT]]
!m = memref<?x?xf32, strided<[?, ?], offset: ?>>
tile.program @cumsum of @spec plan "plan" buffers [] {
  tile.kernel @main(%block: index, %B: index, %T: index, %splits: index, %span: index, %x: !m, %y: !m)
      attributes {grid = #tile.grid<blocks = 1>} {
    %t = tile.load %x[0, 0] dims [0, 1] limits [3, 32] : !m -> tensor<3x32xf32>
    %s, %r = tile.cumsum %t : tensor<3x32xf32>
    tile.store %s, %y[0, 0] dims [0, 1] limits [3, 32] : tensor<3x32xf32> -> !m
    tile.store %r, %y[3, 0] dims [0, 1] limits [3, 32] : tensor<3x32xf32> -> !m
    tile.return
  }
}

// -----

// 16 rows of the state stay in registers over all tokens; the second block of rows adds to y. The state is updated in place.
// CHECK-LABEL: func.func @scan__main
// CHECK: scf.for %[[Q:.*]] = %c0 to %c8 step %c1 iter_args({{.*}}) -> ({{(vector<16xf32>, ){15}(vector)}}<16xf32>)
// A head's decay of 1 is not multiplied: twice two products a row, or three.
// CHECK: %[[ONE:.*]] = arith.cmpf oeq
// CHECK: scf.if %[[ONE]]
// CHECK-COUNT-32: vector.fma
// CHECK-NOT: vector.fma
// CHECK: } else {
// CHECK-COUNT-32: vector.fma
// CHECK-NOT: vector.fma
// CHECK: scf.for {{.*}} iter_args
// CHECK-COUNT-64: vector.fma
!m = memref<?x?x?xf32, strided<[?, ?, ?], offset: ?>>
tile.program @scan of @spec plan "plan" buffers [] {
  tile.kernel @main(%block: index, %B: index, %T: index, %splits: index, %span: index, %x: !m, %y: !m)
      attributes {grid = #tile.grid<blocks = 1>} {
    %d = tile.load %x[0, 0, 0] dims [1, 2] limits [2, 8] : !m -> tensor<2x8xf32>
    %t = tile.load %x[0, 0, 0] dims [0, 1, 2] limits [8, 2, 16] : !m -> tensor<8x2x16xf32>
    %b = tile.load %x[0, 0, 0] dims [1, 2] limits [8, 32] : !m -> tensor<8x32xf32>
    %i = tile.load %x[0, 0, 0] dims [0, 1, 2] limits [2, 32, 16] : !m -> tensor<2x32x16xf32>
    %r, %s = tile.scan x = %t, b = %b, c = %b, decay = %d : tensor<2x8xf32>, init = %i
        : tensor<8x2x16xf32>, tensor<8x32xf32>, tensor<8x32xf32>, tensor<2x32x16xf32> -> tensor<8x2x16xf32>, tensor<2x32x16xf32>
    tile.store %r, %y[0, 0, 0] dims [0, 1, 2] limits [8, 2, 16] : tensor<8x2x16xf32> -> !m
    tile.store %s, %y[0, 0, 0] dims [0, 1, 2] limits [2, 32, 16] : tensor<2x32x16xf32> -> !m
    tile.return
  }
}

// -----

// Across the columns: y starts at 0; the sums of 16 rows are 16 vectors, whose lanes are added up pair by pair, 15 times.
// CHECK-LABEL: func.func @across__main
// CHECK: %[[ZERO:.*]] = arith.constant dense<0.000000e+00> : vector<16xf32>
// CHECK: llvm.store %[[ZERO]]
// CHECK: scf.for {{.*}} iter_args({{.*}}) -> ({{(vector<16xf32>, ){15}(vector)}}<16xf32>)
// CHECK-COUNT-32: vector.fma
// CHECK-COUNT-30: vector.shuffle
// CHECK-NOT: vector.shuffle
!m = memref<?x?x?xf32, strided<[?, ?, ?], offset: ?>>
tile.program @across of @spec plan "plan" buffers [] {
  tile.kernel @main(%block: index, %B: index, %T: index, %splits: index, %span: index, %x: !m, %y: !m)
      attributes {grid = #tile.grid<blocks = 1>} {
    %t = tile.load %x[0, 0, 0] dims [0, 1, 2] limits [8, 2, 16] : !m -> tensor<8x2x16xf32>
    %b = tile.load %x[0, 0, 0] dims [1, 2] limits [8, 16] : !m -> tensor<8x16xf32>
    %i = tile.load %x[0, 0, 0] dims [0, 1, 2] limits [2, 16, 16] : !m -> tensor<2x16x16xf32>
    %r, %s = tile.scan x = %t, b = %b, c = %t, init = %i across
        : tensor<8x2x16xf32>, tensor<8x16xf32>, tensor<8x2x16xf32>, tensor<2x16x16xf32> -> tensor<8x2x16xf32>, tensor<2x16x16xf32>
    tile.store %r, %y[0, 0, 0] dims [0, 1, 2] limits [8, 2, 16] : tensor<8x2x16xf32> -> !m
    tile.store %s, %y[0, 0, 0] dims [0, 1, 2] limits [2, 16, 16] : tensor<2x16x16xf32> -> !m
    tile.return
  }
}

// -----

// One number per head, steps in any bracketing: 8 tokens at once in three log steps, then the carried state.
// CHECK-LABEL: func.func @associative__main
// CHECK: scf.for {{.*}} = %c0 to %c24 step %c8 iter_args(%[[CARRY:.*]] = %{{.*}}) -> (f32)
// CHECK-COUNT-6: vector.shuffle
// CHECK-NOT: vector.shuffle
// CHECK: %[[BEFORE:.*]] = vector.broadcast %[[CARRY]] : f32 to vector<8xf32>
// CHECK: %[[KEEPS:.*]] = arith.cmpf une
// CHECK: %[[SUM:.*]] = vector.fma %{{.*}}, %[[BEFORE]]
// CHECK: %[[STATE:.*]] = arith.select %[[KEEPS]], %[[SUM]]
// CHECK: %[[LAST:.*]] = vector.extract %[[STATE]][7]
// CHECK: scf.yield %[[LAST]]
!m = memref<?x?x?xf32, strided<[?, ?, ?], offset: ?>>
tile.program @associative of @spec plan "plan" buffers [] {
  tile.kernel @main(%block: index, %B: index, %T: index, %splits: index, %span: index, %x: !m, %y: !m)
      attributes {grid = #tile.grid<blocks = 1>} {
    %d = tile.load %x[0, 0, 0] dims [1, 2] limits [3, 24] : !m -> tensor<3x24xf32>
    %t = tile.load %x[0, 0, 0] dims [0, 1, 2] limits [24, 3, 1] : !m -> tensor<24x3x1xf32>
    %one = arith.constant dense<1.0> : tensor<24x1xf32>
    %i = tile.load %x[0, 0, 0] dims [0, 1, 2] limits [3, 1, 1] : !m -> tensor<3x1x1xf32>
    %r, %s = tile.scan x = %t, b = %one, c = %one, decay = %d : tensor<3x24xf32>, init = %i associative
        : tensor<24x3x1xf32>, tensor<24x1xf32>, tensor<24x1xf32>, tensor<3x1x1xf32> -> tensor<24x3x1xf32>, tensor<3x1x1xf32>
    tile.store %r, %y[0, 0, 0] dims [0, 1, 2] limits [24, 3, 1] : tensor<24x3x1xf32> -> !m
    tile.store %s, %y[0, 0, 0] dims [0, 1, 2] limits [3, 1, 1] : tensor<3x1x1xf32> -> !m
    tile.return
  }
}

// -----

// The whole part of the exponent is taken out at every step, in f64; what is left goes on to the next tile, with what rounding loses.
// CHECK-LABEL: func.func @lag__main
// CHECK: scf.for {{.*}} iter_args(%[[LAG:.*]] = %{{.*}}, %[[LEVEL:.*]] = %{{.*}}, %{{.*}} = %{{.*}}) -> (f64, f32, f32)
// CHECK:   %[[RESET:.*]] = arith.cmpf olt
// CHECK:   %[[ADDED:.*]] = arith.addf %[[LAG]], %{{.*}} : f64
// CHECK:   %[[SUM:.*]] = arith.select %[[RESET]], %{{.*}}, %[[ADDED]] : f64
// CHECK:   %[[WHOLE:.*]] = math.floor
// CHECK:   %[[NEXT:.*]] = arith.addf %[[SUM]], %[[WHOLE]] : f64
// CHECK:   arith.truncf %[[NEXT]] : f64 to f32
// CHECK:   scf.yield %[[NEXT]]
!m = memref<?x?xf32, strided<[?, ?], offset: ?>>
tile.program @lag of @spec plan "plan" buffers [] {
  tile.kernel @main(%block: index, %B: index, %T: index, %splits: index, %span: index, %x: !m, %y: !m)
      attributes {grid = #tile.grid<blocks = 1>} {
    %t = tile.load %x[0, 0] dims [0, 1] limits [3, 32] : !m -> tensor<3x32xf32>
    %zero = arith.constant dense<0.0> : tensor<3x32xf32>
    %lag, %low, %level, %factor, %resets, %earlier = tile.lag %t after %zero, %zero : tensor<3x32xf32>
    tile.store %lag, %y[0, 0] dims [0, 1] limits [3, 32] : tensor<3x32xf32> -> !m
    tile.store %factor, %y[3, 0] dims [0, 1] limits [3, 32] : tensor<3x32xf32> -> !m
    tile.return
  }
}

// -----

// Entries that the columns have of their own are computed where the state needs them: no tile of theirs is stored, and what does not depend
// on the token is read before the tokens. Eight rows of one vector; the second block of rows adds to y.
// CHECK-LABEL: func.func @columns__main
// CHECK: scf.for %[[Q:.*]] = %c0 to %c4 step %c1 iter_args({{.*}}) -> ({{(vector<16xf32>, ){7}(vector)}}<16xf32>)
// CHECK: %[[A:.*]] = llvm.load {{.*}} -> vector<16xf32>
// CHECK: arith.mulf %{{.*}}, %{{.*}} {{.*}}: vector<16xf32>
// CHECK: %[[KEEPS:.*]] = arith.cmpf une
// CHECK: vector.fma
// CHECK: arith.select %[[KEEPS]]
// CHECK: scf.yield
!m = memref<?x?x?xf32, strided<[?, ?, ?], offset: ?>>
tile.program @columns of @spec plan "plan" buffers [] {
  tile.kernel @main(%block: index, %B: index, %T: index, %splits: index, %span: index, %x: !m, %y: !m)
      attributes {grid = #tile.grid<blocks = 1>} {
    %d = tile.load %x[0, 0, 0] dims [1, 2] limits [4, 16] : !m -> tensor<4x16xf32>
    %a = tile.load %x[0, 0, 0] dims [1, 2] limits [16, 16] : !m -> tensor<16x16xf32>
    %t = tile.load %x[0, 0, 0] dims [0, 1, 2] limits [4, 1, 16] : !m -> tensor<4x1x16xf32>
    %b = tile.load %x[0, 0, 0] dims [1, 2] limits [4, 16] : !m -> tensor<4x16xf32>
    %i = tile.load %x[0, 0, 0] dims [0, 1, 2] limits [1, 16, 16] : !m -> tensor<1x16x16xf32>
    %e = tensor.empty() : tensor<4x1x16x16xf32>
    %g = linalg.generic {indexing_maps = [affine_map<(q, h, n, p) -> (q, p)>, affine_map<(q, h, n, p) -> (n, p)>, affine_map<(q, h, n, p) -> (q, h, n, p)>], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
        ins(%d, %a : tensor<4x16xf32>, tensor<16x16xf32>) outs(%e : tensor<4x1x16x16xf32>) {
    ^bb0(%l: f32, %r: f32, %o: f32):
      %v = arith.mulf %l, %r : f32
      linalg.yield %v : f32
    } -> tensor<4x1x16x16xf32>
    %r, %s = tile.scan x = %t, b = %b, c = %b, decay = %g : tensor<4x1x16x16xf32>, init = %i
        : tensor<4x1x16xf32>, tensor<4x16xf32>, tensor<4x16xf32>, tensor<1x16x16xf32> -> tensor<4x1x16xf32>, tensor<1x16x16xf32>
    tile.store %r, %y[0, 0, 0] dims [0, 1, 2] limits [4, 1, 16] : tensor<4x1x16xf32> -> !m
    tile.store %s, %y[0, 0, 0] dims [0, 1, 2] limits [1, 16, 16] : tensor<1x16x16xf32> -> !m
    tile.return
  }
}

// -----

// A correction reads and writes each row of the state once a token: y of this one, and r^T S of the next. Without l it is -b.
// CHECK-LABEL: func.func @corrected__main
// CHECK: %[[FIRST:.*]] = scf.for {{.*}} -> (vector<8xf32>)
// CHECK: scf.for %[[Q:.*]] = %c0 to %c4 step %c1 iter_args(%[[U:.*]] = %[[FIRST]]) -> (vector<8xf32>)
// CHECK: %[[NEXT:.*]] = arith.minsi
// CHECK: arith.subf %{{.*}}, %[[U]] : vector<8xf32>
// CHECK: scf.for {{.*}} -> (vector<8xf32>, vector<8xf32>)
!m = memref<?x?x?xf32, strided<[?, ?, ?], offset: ?>>
tile.program @corrected of @spec plan "plan" buffers [] {
  tile.kernel @main(%block: index, %B: index, %T: index, %splits: index, %span: index, %x: !m, %y: !m)
      attributes {grid = #tile.grid<blocks = 1>} {
    %t = tile.load %x[0, 0, 0] dims [0, 1, 2] limits [4, 1, 8] : !m -> tensor<4x1x8xf32>
    %b = tile.load %x[0, 0, 0] dims [1, 2] limits [4, 16] : !m -> tensor<4x16xf32>
    %i = tile.load %x[0, 0, 0] dims [0, 1, 2] limits [1, 16, 8] : !m -> tensor<1x16x8xf32>
    %r, %s = tile.scan x = %t, b = %b, c = %b, r = %b : tensor<4x16xf32>, init = %i
        : tensor<4x1x8xf32>, tensor<4x16xf32>, tensor<4x16xf32>, tensor<1x16x8xf32> -> tensor<4x1x8xf32>, tensor<1x16x8xf32>
    tile.store %r, %y[0, 0, 0] dims [0, 1, 2] limits [4, 1, 8] : tensor<4x1x8xf32> -> !m
    tile.store %s, %y[0, 0, 0] dims [0, 1, 2] limits [1, 16, 8] : tensor<1x16x8xf32> -> !m
    tile.return
  }
}

// -----

// Rows with decays of their own: divided by these, a state costs two products a token. A token with whose decay their product leaves the
// range is an anchor: the state is made whole there, with two products more, and the products begin anew. Which tokens are, is decided
// token by token, from the first on.
// CHECK-LABEL: func.func @rows__main
// CHECK: scf.for %{{.*}} = %c0 to %c8 step %c1 {
// CHECK: %[[PRODUCT:.*]] = arith.mulf
// CHECK: arith.divf %{{.*}}, %[[PRODUCT]]
// CHECK: %[[INSIDE:.*]] = vector.reduction <and>
// CHECK: %[[IS_ANCHOR:.*]] = arith.xori %[[INSIDE]]
// CHECK: arith.uitofp %[[IS_ANCHOR]]
// CHECK: scf.if %[[IS_ANCHOR]]
// CHECK: scf.for %{{.*}} = %c0 to %c8 step %c1 iter_args
// CHECK: scf.if
// CHECK-COUNT-32: vector.fma
// CHECK-NOT: vector.fma
// CHECK: scf.yield
// CHECK: } else {
// CHECK-COUNT-64: vector.fma
// CHECK-NOT: vector.fma
// CHECK: scf.yield
!m = memref<?x?x?xf32, strided<[?, ?, ?], offset: ?>>
tile.program @rows of @spec plan "plan" buffers [] {
  tile.kernel @main(%block: index, %B: index, %T: index, %splits: index, %span: index, %x: !m, %y: !m)
      attributes {grid = #tile.grid<blocks = 1>} {
    %d = tile.load %x[0, 0, 0] dims [0, 1, 2] limits [1, 16, 8] : !m -> tensor<1x16x8xf32>
    %e = tile.load %x[1, 0, 0] dims [0, 1, 2] limits [1, 16, 8] : !m -> tensor<1x16x8xf32>
    %t = tile.load %x[0, 0, 0] dims [0, 1, 2] limits [8, 1, 16] : !m -> tensor<8x1x16xf32>
    %b = tile.load %x[0, 0, 0] dims [1, 2] limits [8, 16] : !m -> tensor<8x16xf32>
    %i = tile.load %x[0, 0, 0] dims [0, 1, 2] limits [1, 16, 16] : !m -> tensor<1x16x16xf32>
    %r, %s = tile.scan x = %t, b = %b, c = %b, decay = %d : tensor<1x16x8xf32>, excess = %e : tensor<1x16x8xf32>, init = %i
        : tensor<8x1x16xf32>, tensor<8x16xf32>, tensor<8x16xf32>, tensor<1x16x16xf32> -> tensor<8x1x16xf32>, tensor<1x16x16xf32>
    tile.store %r, %y[0, 0, 0] dims [0, 1, 2] limits [8, 1, 16] : tensor<8x1x16xf32> -> !m
    tile.store %s, %y[0, 0, 0] dims [0, 1, 2] limits [1, 16, 16] : tensor<1x16x16xf32> -> !m
    tile.return
  }
}

// -----

// Whole tiles first, where no limit is asked for; then what is left.
// CHECK-LABEL: func.func @whole__main
// CHECK: %[[OVER:.*]] = arith.remui %[[T:.*]], %c8
// CHECK: %[[END:.*]] = arith.subi %[[T]], %[[OVER]]
// CHECK: scf.for %{{.*}} = %c0 to %[[END]] step %c8
// CHECK-NOT: arith.cmpi slt
// CHECK: scf.for %{{.*}} = %[[END]] to %[[T]] step %c8
// CHECK: arith.cmpi slt
!m = memref<?x?x?xf32, strided<[?, ?, ?], offset: ?>>
tile.program @whole of @spec plan "plan" buffers [] {
  tile.kernel @main(%block: index, %B: index, %T: index, %splits: index, %span: index, %x: !m, %y: !m)
      attributes {grid = #tile.grid<blocks = 1>} {
    %c0 = arith.constant 0 : index
    %c8 = arith.constant 8 : index
    %i = tile.load %x[0, 0, 0] dims [0, 1, 2] limits [1, 16, 16] : !m -> tensor<1x16x16xf32>
    %end = scf.for %first = %c0 to %T step %c8 iter_args(%state = %i) -> (tensor<1x16x16xf32>) {
      %left = arith.subi %T, %first : index
      %t = tile.load %x[%first, 0, 0] dims [0, 1, 2] limits [%left, 1, 16] : !m -> tensor<8x1x16xf32>
      %b = tile.load %x[0, %first, 0] dims [1, 2] limits [%left, 16] : !m -> tensor<8x16xf32>
      %r, %s = tile.scan x = %t, b = %b, c = %b, init = %state
          : tensor<8x1x16xf32>, tensor<8x16xf32>, tensor<8x16xf32>, tensor<1x16x16xf32> -> tensor<8x1x16xf32>, tensor<1x16x16xf32>
      tile.store %r, %y[%first, 0, 0] dims [0, 1, 2] limits [%left, 1, 16] : tensor<8x1x16xf32> -> !m
      scf.yield %s : tensor<1x16x16xf32>
    }
    tile.store %end, %y[0, 0, 0] dims [0, 1, 2] limits [1, 16, 16] : tensor<1x16x16xf32> -> !m
    tile.return
  }
}
