// What tile.sequence becomes: one branch where the call has no table, else reads of what the table has, in either width.
// RUN: mixer-opt %s --tile-to-cpu | FileCheck %s
// RUN: mixer-opt %s --tile-to-cpu --cpu-to-llvm | FileCheck %s --check-prefix=LLVM

!x = memref<?x?x4xf32, strided<[?, ?, ?], offset: ?>>
!s = memref<?x4xf32, strided<[?, ?], offset: ?>>
tile.program @p of @spec plan "plan" buffers [] {
  // CHECK-LABEL: func.func @p__whole(
  // LLVM-LABEL: llvm.func @p__whole(
  // CHECK-SAME: %[[PARAMS:[^:]*]]: !llvm.ptr, %[[BLOCK:[^:]*]]: i64
  // CHECK: llvm.getelementptr %[[PARAMS]][8]
  // CHECK-NEXT: %[[T:.*]] = llvm.load
  // CHECK: %[[AT:.*]] = llvm.getelementptr %[[PARAMS]][32]
  // CHECK: %[[KINDS:.*]] = llvm.load %[[AT]]
  // CHECK: %[[AT:.*]] = llvm.getelementptr %[[PARAMS]][40]
  // CHECK: %[[STARTS:.*]] = llvm.load %[[AT]]
  // CHECK: %[[AT:.*]] = llvm.getelementptr %[[PARAMS]][48]
  // CHECK: %[[SOURCE:.*]] = llvm.load %[[AT]]
  // CHECK: %[[AT:.*]] = llvm.getelementptr %[[PARAMS]][56]
  // CHECK: %[[TARGET:.*]] = llvm.load %[[AT]]
  // CHECK: %[[AT:.*]] = llvm.getelementptr %[[PARAMS]][64]
  // CHECK: %[[HAS:.*]] = llvm.load %[[AT]]
  // CHECK: arith.andi %[[KINDS]], %c-1_i64
  // CHECK: scf.if
  // Starts: of this sequence and of the next one; nothing is searched.
  // CHECK: arith.andi %[[KINDS]], %c1_i64
  // CHECK: scf.if
  // CHECK-NOT: scf.while
  // CHECK: arith.addi %[[STARTS]], %{{.*}} : i64
  // CHECK: %[[WIDE:.*]] = llvm.load %{{.*}} {alignment = 8 : i64} : !llvm.ptr -> i64
  // CHECK-NEXT: scf.yield %[[WIDE]]
  // CHECK: %[[NARROW:.*]] = llvm.load %{{.*}} {alignment = 4 : i64} : !llvm.ptr -> i32
  // CHECK-NEXT: arith.extsi %[[NARROW]] : i32 to i64
  // CHECK: arith.addi %[[STARTS]], %{{.*}} : i64
  // States.
  // CHECK: arith.addi %[[SOURCE]], %{{.*}} : i64
  // CHECK: arith.addi %[[SOURCE]], %{{.*}} : i64
  // CHECK: arith.addi %[[TARGET]], %{{.*}} : i64
  // CHECK: arith.addi %[[TARGET]], %{{.*}} : i64
  // Padding has no tokens, and no state of its own; what is negative is none.
  // CHECK: %[[PADDING:.*]] = arith.cmpi slt, %[[FROM:.*]], %{{.*}} : i64
  // CHECK: arith.select %[[PADDING]], %c0_i64{{.*}}, %{{.*}} : i64
  // CHECK: %[[TO:.*]] = arith.maxsi %{{.*}}, %c-1_i64{{.*}} : i64
  // CHECK: arith.select %[[PADDING]], %c-1_i64{{.*}}, %[[TO]] : i64
  // CHECK: arith.addi %[[HAS]], %{{.*}} : i64
  // CHECK: llvm.load %{{.*}} {alignment = 1 : i64} : !llvm.ptr -> i8
  // CHECK: %[[FRESH:.*]] = arith.cmpi eq,
  // CHECK: %[[NONE:.*]] = arith.ori %[[PADDING]], %[[FRESH]] : i1
  // CHECK: arith.select %[[NONE]], %c-1_i64{{.*}}, %[[FROM]] : i64
  // Without a table: all numbers are those of the sequence.
  // CHECK: } else {
  // CHECK: scf.yield %[[NUMBER:[^,]*]], %{{[^,]*}}, %{{[^,]*}}, %[[NUMBER]], %{{[^,]*}}, %[[NUMBER]], %[[NUMBER]], %[[NUMBER]],
  tile.kernel @whole(%block: index, %B: index, %T: index, %splits: index, %span: index, %x: !x, %s: !s) attributes {grid = #tile.grid<blocks = 1, batch = true>} {
    %b, %part, %parts, %row, %length, %source, %target, %buffer, %place = tile.sequence %block
    %t = tile.load %x[%row, 0, 0] dims [1, 2] limits [%length, 4] : !x -> tensor<8x4xf32>
    tile.store %t, %x[%row, 0, 0] dims [1, 2] limits [%length, 4] : tensor<8x4xf32> -> !x
    tile.return
  }
  // Blocks of rows of packed sequences are searched for, by halving.
  // CHECK-LABEL: func.func @p__rows(
  // CHECK: scf.while
  // CHECK: arith.cmpi slt
  // CHECK: } do {
  // CHECK: arith.divui %{{.*}}, %c2_i64{{.*}} : i64
  // CHECK: arith.muli %{{.*}}, %c8_i64{{.*}} : i64
  // CHECK: scf.yield
  // Beyond the last one of a sequence a block has none.
  // CHECK: arith.minui
  // CHECK: } else {
  // CHECK: arith.remui
  // CHECK: arith.divui
  tile.kernel @rows(%block: index, %B: index, %T: index, %splits: index, %span: index, %x: !x, %s: !s) attributes {grid = #tile.grid<blocks = 1, batch = true, rows = 8>} {
    %b, %part, %parts, %row, %length, %source, %target, %buffer, %place = tile.sequence %block rows 8
    %t = tile.load %x[%row, %part, 0] dims [1, 2] limits [%length, 4] : !x -> tensor<8x4xf32>
    tile.store %t, %x[%row, %part, 0] dims [1, 2] limits [%length, 4] : tensor<8x4xf32> -> !x
    tile.return
  }
  // Segments are, where there are several.
  // CHECK-LABEL: func.func @p__segments(
  // CHECK: %[[SEVERAL:.*]] = arith.cmpi ugt
  // CHECK: scf.if %[[SEVERAL]]
  // CHECK: scf.while
  tile.kernel @segments(%block: index, %B: index, %T: index, %splits: index, %span: index, %x: !x, %s: !s) attributes {grid = #tile.grid<blocks = 1, batch = true, splits = true>} {
    %b, %part, %parts, %row, %length, %source, %target, %buffer, %place = tile.sequence %block split
    %t = tile.load %s[%source, 0] dims [1] limits [4] : !s -> tensor<4xf32>
    tile.store %t, %s[%target, 0] dims [1] limits [4] : tensor<4xf32> -> !s
    tile.return
  }
}
