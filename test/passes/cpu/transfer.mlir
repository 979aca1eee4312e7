// RUN: mixer-opt %s --tile-to-cpu --canonicalize --cse --split-input-file | FileCheck %s

// Contiguous at run time: rows by vectors; else element by element. The limit along the rows' loop is a condition, the
// limit along a row is a mask.
// CHECK-LABEL: func.func @limits__main
// CHECK: %[[UNIT:.*]] = arith.cmpi eq, %{{.*}}, %c4
// CHECK: scf.if %[[UNIT]] {
// CHECK:   scf.for
// CHECK:     %[[INSIDE:.*]] = arith.cmpi slt
// CHECK:     scf.if %[[INSIDE]] {
// CHECK:       llvm.intr.masked.load {{.*}} -> vector<16xf32>
// CHECK:     } else {
// CHECK:       llvm.store %cst{{.*}} : vector<16xf32>
// CHECK: } else {
// CHECK:   llvm.load {{.*}} -> vector<1xf32>
// The store: nothing is written outside.
// CHECK: scf.if
// CHECK:   llvm.intr.masked.store
!m = memref<?x?xf32, strided<[?, ?], offset: ?>>
tile.program @limits of @spec plan "plan" buffers [] {
  tile.kernel @main(%block: index, %B: index, %T: index, %splits: index, %span: index, %x: !m)
      attributes {grid = #tile.grid<blocks = 1>} {
    %t = tile.load %x[0, 0] dims [0, 1] limits [%T, %B] : !m -> tensor<16x32xf32>
    tile.store %t, %x[0, 0] dims [0, 1] limits [%T, %B] : tensor<16x32xf32> -> !m
    tile.return
  }
}

// -----

// Memory contiguous along the tile's first dimension: blocks transposed in registers.
// CHECK-LABEL: func.func @transposed__main
// CHECK: scf.if
// CHECK-COUNT-64: vector.shuffle
!m = memref<?x?xf32, strided<[?, ?], offset: ?>>
tile.program @transposed of @spec plan "plan" buffers [] {
  tile.kernel @main(%block: index, %B: index, %T: index, %splits: index, %span: index, %x: !m, %y: !m)
      attributes {grid = #tile.grid<blocks = 1>} {
    %t = tile.load %x[0, 0] dims [1, 0] limits [32, 48] : !m -> tensor<32x48xf32>
    %r = arith.negf %t : tensor<32x48xf32>
    tile.store %r, %y[0, 0] dims [0, 1] limits [32, 48] : tensor<32x48xf32> -> !m
    tile.return
  }
}

// -----

// bf16 travels as i16; a null pointer reads as zeros and is not written to.
// CHECK-LABEL: func.func @optional__main
// CHECK: %[[NULL:.*]] = llvm.mlir.zero : !llvm.ptr
// CHECK: %[[IS_NULL:.*]] = llvm.icmp "eq" %{{.*}}, %[[NULL]]
// CHECK: scf.if %[[IS_NULL]] {
// CHECK:   llvm.store %cst
// CHECK: } else {
// CHECK:   %[[RAW:.*]] = llvm.load {{.*}} {alignment = 2 : i64} : !llvm.ptr -> vector<16xi16>
// CHECK:   %[[BF16:.*]] = arith.bitcast %[[RAW]] : vector<16xi16> to vector<16xbf16>
// CHECK:   arith.extf %[[BF16]] : vector<16xbf16> to vector<16xf32>
// CHECK: %[[IS_SET:.*]] = llvm.icmp "ne"
// CHECK: scf.if %[[IS_SET]] {
// CHECK:   arith.truncf {{.*}} : vector<16xf32> to vector<16xbf16>
!m = memref<?xbf16, strided<[?], offset: ?>>
tile.program @optional of @spec plan "plan" buffers [] {
  tile.kernel @main(%block: index, %B: index, %T: index, %splits: index, %span: index, %x: !m, %y: !m)
      attributes {grid = #tile.grid<blocks = 1>} {
    %t = tile.load %x[0] dims [0] limits [32] optional : !m -> tensor<32xf32>
    tile.store %t, %y[0] dims [0] limits [32] optional : tensor<32xf32> -> !m
    tile.return
  }
}
