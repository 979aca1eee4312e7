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

// -----

// A tensor moved up by 3 along its rows: they are read 3 rows before the offset, and inside from row 3 of it on.
// CHECK-LABEL: func.func @earlier__main
// CHECK: %[[START:.*]] = arith.subi %c3, %[[AT:.*]] : index
// CHECK: arith.subi %[[AT]], %c3 : index
// CHECK: scf.for %[[ROW:.*]] = %c0 to %c16
// CHECK:   arith.cmpi sge, %[[ROW]], %[[START]] : index
!m = memref<?x?xf32, strided<[?, ?], offset: ?>>
tile.program @earlier of @spec plan "plan" buffers [] {
  tile.kernel @main(%block: index, %B: index, %T: index, %splits: index, %span: index, %x: !m, %y: !m)
      attributes {grid = #tile.grid<blocks = 1>} {
    %e = tile.earlier %x dim 0 by 3 : !m
    %t = tile.load %e[%T, 0] dims [0, 1] limits [16, 32] : !m -> tensor<16x32xf32>
    tile.store %t, %y[0, 0] dims [0, 1] limits [16, 32] : tensor<16x32xf32> -> !m
    tile.return
  }
}

// -----

// Along a row the mask has both ends.
// CHECK-LABEL: func.func @earlier_in_rows__main
// CHECK: arith.cmpi slt, {{.*}} : vector<16xindex>
// CHECK: arith.cmpi sge, {{.*}} : vector<16xindex>
// CHECK: arith.andi {{.*}} : vector<16xi1>
// CHECK: llvm.intr.masked.load
!m = memref<?x?xf32, strided<[?, ?], offset: ?>>
tile.program @earlier_in_rows of @spec plan "plan" buffers [] {
  tile.kernel @main(%block: index, %B: index, %T: index, %splits: index, %span: index, %x: !m, %y: !m)
      attributes {grid = #tile.grid<blocks = 1>} {
    %e = tile.earlier %x dim 1 by 3 : !m
    %t = tile.load %e[0, %B] dims [0, 1] limits [16, %T] : !m -> tensor<16x32xf32>
    tile.store %t, %y[0, 0] dims [0, 1] limits [16, 32] : tensor<16x32xf32> -> !m
    tile.return
  }
}
