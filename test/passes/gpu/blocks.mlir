// Kernels that do the work of blocks that are not launched: their number is the last parameter, and what is read anew in a role, a
// branch or a loop does not leave it.
// RUN: mixer-opt %s --gpu-tile-to-nvvm | FileCheck %s

!x = memref<?x?xf32, strided<[?, ?], offset: ?>>
!row = !gpu_tile.fragment<64xf32, #gpu_tile.linear>
gpu_tile.program @p of @spec plan "plan" buffers [] {
  // CHECK: llvm.func @p__roles(%{{.*}}: i64, %{{.*}}: i64, %{{.*}}: i64, %{{.*}}: i64, %[[X:[^:]*]]: !llvm.ptr<1>, %{{.*}}: i64, %{{.*}}: i64, %[[ALL:.*]]: i64)
  // CHECK-SAME: mixc.persistent
  // CHECK: mov.u32 $0, %ctaid.x;
  // CHECK: llvm.inline_asm has_side_effects asm_dialect = att "", "=l,0,~{memory}" %[[ALL]]
  // CHECK: nvvm.read.ptx.sreg.nctaid.x
  // Numbers of blocks have 31 bits.
  // CHECK: scf.for {{.*}} : i32
  // The second role knows the parameters by their first names.
  // CHECK: loop_annotation
  // CHECK: scf.if
  // CHECK-NOT: inline_asm
  // CHECK: llvm.getelementptr %arg10
  gpu_tile.kernel @roles(%block: index, %B: index, %T: index, %splits: index, %span: index, %x: !x)
      attributes {grid = #tile.grid<blocks = 4>, threads = 64 : i32, shared_bytes = 256 : i32, arch = "sm_80"} {
    %c0 = arith.constant 0 : index
    gpu_tile.role "first" first 0 warps 1 {
    ^bb0(%i: index):
      %number = gpu_tile.block
      %blocks = tile.blocks
      %launched = gpu_tile.grid
      scf.for %n = %number to %blocks step %launched {
        %inside = arith.cmpi ult, %n, %T : index
        scf.if %inside {
          %again = gpu_tile.block of %n
          %row = gpu_tile.load %x[%again, %c0] dims [1] limits [64] : !x -> !row
          gpu_tile.store %row to %x[%n, %T] dims [1] limits [64] : !row -> !x
        }
        %row = gpu_tile.load %x[%n, %c0] dims [1] limits [64] : !x -> !row
        gpu_tile.store %row to %x[%n, %T] dims [1] limits [64] : !row -> !x
      }
    }
    gpu_tile.role "second" first 1 warps 1 {
    ^bb0(%i: index):
      %row = gpu_tile.load %x[%block, %c0] dims [1] limits [64] : !x -> !row
      gpu_tile.store %row to %x[%block, %T] dims [1] limits [64] : !row -> !x
    }
    gpu_tile.return
  }

  // CHECK: llvm.func @p__plain
  // CHECK-SAME: mixc.persistent
  gpu_tile.kernel @plain(%block: index, %B: index, %T: index, %splits: index, %span: index, %x: !x)
      attributes {grid = #tile.grid<blocks = 4>, threads = 64 : i32, shared_bytes = 512 : i32, arch = "sm_80"} {
    %c0 = arith.constant 0 : index
    %launched = gpu_tile.grid
    %number = gpu_tile.block
    %row = gpu_tile.load %x[%number, %launched] dims [1] limits [64] : !x -> !row
    gpu_tile.store %row to %x[%block, %c0] dims [1] limits [64] : !row -> !x
    // Whether pieces of 16 bytes can be copied is known at the kernel's entry.
    %tile = gpu_tile.alloc at 0 : !gpu_tile.shared<64xf32>
    gpu_tile.copy %x[%number, %c0] dims [1] limits [64] to %tile : !x -> !gpu_tile.shared<64xf32>
    gpu_tile.return
  }

  // Without gpu_tile.grid there is no shared memory to keep a number in.
  // CHECK: llvm.func @p__nested
  // CHECK-NOT: volatile
  // CHECK: llvm.return
  gpu_tile.kernel @nested(%block: index, %B: index, %T: index, %splits: index, %span: index, %x: !x)
      attributes {grid = #tile.grid<blocks = 4>, threads = 32 : i32, shared_bytes = 0 : i32, arch = "sm_80"} {
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    gpu_tile.role "only" first 0 warps 1 {
    ^bb0(%i: index):
      %zero = gpu_tile.constant 0.0 : !gpu_tile.fragment<1024xf32, #gpu_tile.linear>
      scf.for %n = %c0 to %B step %c1 {
        %sum = scf.for %t = %c0 to %T step %c1 iter_args(%s = %zero) -> (!gpu_tile.fragment<1024xf32, #gpu_tile.linear>) {
          scf.yield %s : !gpu_tile.fragment<1024xf32, #gpu_tile.linear>
        }
        gpu_tile.store %sum to %x[%n, %c0] dims [1] limits [1024] : !gpu_tile.fragment<1024xf32, #gpu_tile.linear> -> !x
      }
    }
    gpu_tile.return
  }
}
