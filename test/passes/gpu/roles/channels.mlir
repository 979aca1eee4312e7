// Roles that cannot meet: each error is one that only a GPU would show, by a hang or by other numbers.
// RUN: mixer-opt %s --gpu-tile-check-channels --split-input-file --verify-diagnostics

// Told by another role, written, fenced.
!x = memref<?x?x64xbf16, strided<[?, ?, ?], offset: ?>>
gpu_tile.program @p of @spec plan unit buffers [] {
  gpu_tile.kernel @meets(%block: index, %B: index, %T: index, %splits: index, %span: index, %x: !x) attributes {grid = #tile.grid<blocks = 1>, threads = 128 : i32, shared_bytes = 32768 : i32, arch = "sm_90a"} {
    %c0 = arith.constant 0 : index
    %tile = gpu_tile.alloc at 0 : <64x64xbf16, swizzle = 0>
    %full = gpu_tile.mbarriers at 16384 arrivals 32 : <1>
    %empty = gpu_tile.mbarriers at 16392 arrivals 1 : <1>
    gpu_tile.barrier
    gpu_tile.role "compute" first 0 warps 1 {
    ^bb0(%part: index):
      gpu_tile.await %empty[%c0] parity %c0 : <1>
      %zero = gpu_tile.constant 0.0 : <64x64xbf16, #gpu_tile.linear>
      gpu_tile.put %zero to %tile perm [0, 1] : <64x64xbf16, #gpu_tile.linear> -> <64x64xbf16, swizzle = 0>
      gpu_tile.fence
      gpu_tile.arrive %full[%c0] : <1>
    }
    gpu_tile.role "flush" first 1 warps 1 single {
    ^bb0(%part: index):
      gpu_tile.await %full[%c0] parity %c0 : <1>
      gpu_tile.flush %tile to %x [0, 0, 0] dims [1, 2] limits [64, 64] : <64x64xbf16, swizzle = 0> -> !x
      gpu_tile.arrive %empty[%c0] : <1>
    }
    gpu_tile.return
  }
}

// -----

gpu_tile.program @p of @spec plan unit buffers [] {
  gpu_tile.kernel @untold(%block: index, %B: index, %T: index, %splits: index, %span: index) attributes {grid = #tile.grid<blocks = 1>, threads = 128 : i32, shared_bytes = 32768 : i32, arch = "sm_90a"} {
    %c0 = arith.constant 0 : index
    %full = gpu_tile.mbarriers at 16384 arrivals 32 : <1>
    gpu_tile.barrier
    gpu_tile.role "compute" first 0 warps 1 {
    ^bb0(%part: index):
      gpu_tile.arrive %full[%c0] : <1>
      // expected-error @below {{expected another role, or others of its own, to arrive at the barriers that it waits for}}
      gpu_tile.await %full[%c0] parity %c0 : <1>
    }
    gpu_tile.return
  }
}

// -----

!x = memref<?x?x64xbf16, strided<[?, ?, ?], offset: ?>>
gpu_tile.program @p of @spec plan unit buffers [] {
  gpu_tile.kernel @unwritten(%block: index, %B: index, %T: index, %splits: index, %span: index, %x: !x) attributes {grid = #tile.grid<blocks = 1>, threads = 128 : i32, shared_bytes = 32768 : i32, arch = "sm_90a"} {
    %c0 = arith.constant 0 : index
    %ring = gpu_tile.alloc at 0 : <64x64xbf16, swizzle = 0, stages = 2>
    gpu_tile.role "flush" first 0 warps 1 single {
    ^bb0(%part: index):
      %tile = gpu_tile.slot %ring[%c0] : <64x64xbf16, swizzle = 0, stages = 2> -> <64x64xbf16, swizzle = 0>
      // expected-error @below {{expected the shared tile that it reads to be written}}
      gpu_tile.flush %tile to %x [0, 0, 0] dims [1, 2] limits [64, 64] : <64x64xbf16, swizzle = 0> -> !x
    }
    gpu_tile.return
  }
}

// -----

!x = memref<?x?x64xbf16, strided<[?, ?, ?], offset: ?>>
gpu_tile.program @p of @spec plan unit buffers [] {
  gpu_tile.kernel @unfenced(%block: index, %B: index, %T: index, %splits: index, %span: index, %x: !x) attributes {grid = #tile.grid<blocks = 1>, threads = 128 : i32, shared_bytes = 32768 : i32, arch = "sm_90a"} {
    %c0 = arith.constant 0 : index
    %tile = gpu_tile.alloc at 0 : <64x64xbf16, swizzle = 0>
    %full = gpu_tile.mbarriers at 16384 arrivals 32 : <1>
    gpu_tile.barrier
    gpu_tile.role "compute" first 0 warps 1 {
    ^bb0(%part: index):
      %zero = gpu_tile.constant 0.0 : <64x64xbf16, #gpu_tile.linear>
      // expected-error @below {{expected a gpu_tile.fence behind it, before other threads are told: a bulk copy or wgmma reads the tile}}
      gpu_tile.put %zero to %tile perm [0, 1] : <64x64xbf16, #gpu_tile.linear> -> <64x64xbf16, swizzle = 0>
      gpu_tile.arrive %full[%c0] : <1>
      gpu_tile.fence
    }
    gpu_tile.role "flush" first 1 warps 1 single {
    ^bb0(%part: index):
      gpu_tile.await %full[%c0] parity %c0 : <1>
      gpu_tile.flush %tile to %x [0, 0, 0] dims [1, 2] limits [64, 64] : <64x64xbf16, swizzle = 0> -> !x
    }
    gpu_tile.return
  }
}

// -----

// One thread of a role's group may wait for the whole group, but not for what it tells itself.
gpu_tile.program @p of @spec plan unit buffers [] {
  gpu_tile.kernel @single(%block: index, %B: index, %T: index, %splits: index, %span: index) attributes {grid = #tile.grid<blocks = 1>, threads = 128 : i32, shared_bytes = 32768 : i32, arch = "sm_90a"} {
    %c0 = arith.constant 0 : index
    %read = gpu_tile.mbarriers at 16384 arrivals 64 : <1>
    %full = gpu_tile.mbarriers at 16392 arrivals 1 : <1>
    gpu_tile.barrier
    gpu_tile.role "factors" first 0 warps 2 {
    ^bb0(%part: index):
      gpu_tile.arrive %read[%c0] : <1>
      gpu_tile.single {
        gpu_tile.await %read[%c0] parity %c0 : <1>
        gpu_tile.arrive %full[%c0] : <1>
        // expected-error @below {{expected another role, or others of its own, to arrive at the barriers that it waits for}}
        gpu_tile.await %full[%c0] parity %c0 : <1>
      }
      gpu_tile.await %full[%c0] parity %c0 : <1>
    }
    gpu_tile.return
  }
}
