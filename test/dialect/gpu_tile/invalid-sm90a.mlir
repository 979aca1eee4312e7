// RUN: mixer-opt %s --split-input-file --verify-diagnostics

!x = memref<?x?x4x64xbf16, strided<[?, ?, ?, ?], offset: ?>>
!tile = !gpu_tile.shared<64x64xbf16, swizzle = 0>
!acc = !gpu_tile.fragment<64x64xf32, #gpu_tile.mma<rows = [0], cols = [1], warps = [4, 1]>>
gpu_tile.kernel @role_C1_power(%block: index, %B: index, %T: index, %splits: index, %span: index, %x: !x) attributes {grid = #tile.grid<blocks = 1>, threads = 384 : i32, shared_bytes = 65536 : i32, arch = "sm_90a"} {
  // expected-error @below {{expected warps to be a power of two that divides first, got 3 from 0 on}}
  gpu_tile.role "a" first 0 warps 3 {
  ^bb0(%i: index):
  }
  gpu_tile.return
}

// -----

!x = memref<?x?x4x64xbf16, strided<[?, ?, ?, ?], offset: ?>>
!tile = !gpu_tile.shared<64x64xbf16, swizzle = 0>
!acc = !gpu_tile.fragment<64x64xf32, #gpu_tile.mma<rows = [0], cols = [1], warps = [4, 1]>>
gpu_tile.kernel @role_C1_first(%block: index, %B: index, %T: index, %splits: index, %span: index, %x: !x) attributes {grid = #tile.grid<blocks = 1>, threads = 384 : i32, shared_bytes = 65536 : i32, arch = "sm_90a"} {
  // expected-error @below {{expected warps to be a power of two that divides first, got 4 from 2 on}}
  gpu_tile.role "a" first 2 warps 4 {
  ^bb0(%i: index):
  }
  gpu_tile.return
}

// -----

gpu_tile.kernel @role_C2_nested(%block: index, %B: index, %T: index, %splits: index, %span: index) attributes {grid = #tile.grid<blocks = 1>, threads = 384 : i32, shared_bytes = 0 : i32, arch = "sm_90a"} {
  gpu_tile.role "a" first 0 warps 4 registers 40 {
  ^bb0(%i: index):
    // expected-error @below {{expected no registers of its own in role "a", got 240}}
    gpu_tile.role "b" first 0 warps 4 registers 240 {
    ^bb0(%j: index):
    }
  }
  gpu_tile.return
}

// -----

// expected-error @below {{expected shared_bytes to be a multiple of 4, and at least 4 a thread, with gpu_tile.grid, got 130}}
gpu_tile.kernel @kernel_C2_grid(%block: index, %B: index, %T: index, %splits: index, %span: index) attributes {grid = #tile.grid<blocks = 1>, threads = 32 : i32, shared_bytes = 130 : i32, arch = "sm_90a"} {
  %launched = gpu_tile.grid
  gpu_tile.return
}

// -----

!x = memref<?x?x4x80xbf16, strided<[?, ?, ?, ?], offset: ?>>
!tile = !gpu_tile.shared<64x80xbf16, swizzle = 0, panel = 64>
gpu_tile.kernel @flush_C4(%block: index, %B: index, %T: index, %splits: index, %span: index, %x: !x) attributes {grid = #tile.grid<blocks = 1>, threads = 32 : i32, shared_bytes = 16384 : i32, arch = "sm_90a"} {
  %tile = gpu_tile.alloc at 0 : !tile
  // expected-error @below {{expected whole panels, which is what it writes, got}}
  gpu_tile.flush %tile to %x[0, 0, 1, 0] dims [1, 3] limits [%T, 80] : !tile -> !x
  gpu_tile.return
}

// -----

// Three warpgroups get 168 registers a thread at launch.
// expected-error @below {{expected roles with at most 64512 registers together, got 66560}}
gpu_tile.kernel @kernel_C5(%block: index, %B: index, %T: index, %splits: index, %span: index) attributes {grid = #tile.grid<blocks = 1>, threads = 384 : i32, shared_bytes = 0 : i32, arch = "sm_90a"} {
  gpu_tile.role "a" first 0 warps 4 registers 40 {
  ^bb0(%i: index):
  }
  gpu_tile.role "b" first 4 warps 4 parts 2 registers 240 {
  ^bb0(%i: index):
  }
  gpu_tile.return
}

// -----

!x = memref<?x?x4x64xbf16, strided<[?, ?, ?, ?], offset: ?>>
!tile = !gpu_tile.shared<64x64xbf16, swizzle = 0>
!acc = !gpu_tile.fragment<64x64xf32, #gpu_tile.mma<rows = [0], cols = [1], warps = [4, 1]>>
gpu_tile.kernel @role_C2_step(%block: index, %B: index, %T: index, %splits: index, %span: index, %x: !x) attributes {grid = #tile.grid<blocks = 1>, threads = 384 : i32, shared_bytes = 65536 : i32, arch = "sm_90a"} {
  // expected-error @below {{expected registers to be a multiple of 8 from 24 to 256, for warps in fours, got 60 for 4 warps from 0 on}}
  gpu_tile.role "a" first 0 warps 4 registers 60 {
  ^bb0(%i: index):
  }
  gpu_tile.return
}

// -----

!x = memref<?x?x4x64xbf16, strided<[?, ?, ?, ?], offset: ?>>
!tile = !gpu_tile.shared<64x64xbf16, swizzle = 0>
!acc = !gpu_tile.fragment<64x64xf32, #gpu_tile.mma<rows = [0], cols = [1], warps = [4, 1]>>
gpu_tile.kernel @role_C2_most(%block: index, %B: index, %T: index, %splits: index, %span: index, %x: !x) attributes {grid = #tile.grid<blocks = 1>, threads = 384 : i32, shared_bytes = 65536 : i32, arch = "sm_90a"} {
  // expected-error @below {{expected registers to be a multiple of 8 from 24 to 256, for warps in fours, got 264 for 4 warps from 0 on}}
  gpu_tile.role "a" first 0 warps 4 registers 264 {
  ^bb0(%i: index):
  }
  gpu_tile.return
}

// -----

!x = memref<?x?x4x64xbf16, strided<[?, ?, ?, ?], offset: ?>>
!tile = !gpu_tile.shared<64x64xbf16, swizzle = 0>
!acc = !gpu_tile.fragment<64x64xf32, #gpu_tile.mma<rows = [0], cols = [1], warps = [4, 1]>>
gpu_tile.kernel @role_C2_warps(%block: index, %B: index, %T: index, %splits: index, %span: index, %x: !x) attributes {grid = #tile.grid<blocks = 1>, threads = 384 : i32, shared_bytes = 65536 : i32, arch = "sm_90a"} {
  // expected-error @below {{expected registers to be a multiple of 8 from 24 to 256, for warps in fours, got 56 for 2 warps from 0 on}}
  gpu_tile.role "a" first 0 warps 2 registers 56 {
  ^bb0(%i: index):
  }
  gpu_tile.return
}

// -----

!x = memref<?x?x4x64xbf16, strided<[?, ?, ?, ?], offset: ?>>
!tile = !gpu_tile.shared<64x64xbf16, swizzle = 0>
!acc = !gpu_tile.fragment<64x64xf32, #gpu_tile.mma<rows = [0], cols = [1], warps = [4, 1]>>
gpu_tile.kernel @role_C3_many(%block: index, %B: index, %T: index, %splits: index, %span: index, %x: !x) attributes {grid = #tile.grid<blocks = 1>, threads = 384 : i32, shared_bytes = 65536 : i32, arch = "sm_90a"} {
  // expected-error @below {{expected warps from 0 up to 12, got 4 to 16}}
  gpu_tile.role "a" first 4 warps 4 parts 3 {
  ^bb0(%i: index):
  }
  gpu_tile.return
}

// -----

!x = memref<?x?x4x64xbf16, strided<[?, ?, ?, ?], offset: ?>>
!tile = !gpu_tile.shared<64x64xbf16, swizzle = 0>
!acc = !gpu_tile.fragment<64x64xf32, #gpu_tile.mma<rows = [0], cols = [1], warps = [4, 1]>>
gpu_tile.kernel @role_C3_none(%block: index, %B: index, %T: index, %splits: index, %span: index, %x: !x) attributes {grid = #tile.grid<blocks = 1>, threads = 384 : i32, shared_bytes = 65536 : i32, arch = "sm_90a"} {
  // expected-error @below {{expected warps from 0 up to 12, got 4 to 4}}
  gpu_tile.role "a" first 4 warps 4 parts 0 {
  ^bb0(%i: index):
  }
  gpu_tile.return
}

// -----

!x = memref<?x?x4x64xbf16, strided<[?, ?, ?, ?], offset: ?>>
!tile = !gpu_tile.shared<64x64xbf16, swizzle = 0>
!acc = !gpu_tile.fragment<64x64xf32, #gpu_tile.mma<rows = [0], cols = [1], warps = [4, 1]>>
gpu_tile.kernel @role_C3_shared(%block: index, %B: index, %T: index, %splits: index, %span: index, %x: !x) attributes {grid = #tile.grid<blocks = 1>, threads = 384 : i32, shared_bytes = 65536 : i32, arch = "sm_90a"} {
  gpu_tile.role "a" first 0 warps 4 {
  ^bb0(%i: index):
  }
  // expected-error @below {{expected warps of its own, got those of role "a" too}}
  gpu_tile.role "b" first 2 warps 2 {
  ^bb0(%i: index):
  }
  gpu_tile.return
}

// -----

!x = memref<?x?x4x64xbf16, strided<[?, ?, ?, ?], offset: ?>>
!tile = !gpu_tile.shared<64x64xbf16, swizzle = 0>
!acc = !gpu_tile.fragment<64x64xf32, #gpu_tile.mma<rows = [0], cols = [1], warps = [4, 1]>>
gpu_tile.kernel @role_C3_inner(%block: index, %B: index, %T: index, %splits: index, %span: index, %x: !x) attributes {grid = #tile.grid<blocks = 1>, threads = 384 : i32, shared_bytes = 65536 : i32, arch = "sm_90a"} {
  gpu_tile.role "outer" first 4 warps 4 {
  ^bb0(%i: index):
  // expected-error @below {{expected warps from 4 up to 8, got 8 to 12}}
  gpu_tile.role "a" first 8 warps 4 {
  ^bb0(%j: index):
  }
  }
  gpu_tile.return
}

// -----

!x = memref<?x?x4x64xbf16, strided<[?, ?, ?, ?], offset: ?>>
!tile = !gpu_tile.shared<64x64xbf16, swizzle = 0>
!acc = !gpu_tile.fragment<64x64xf32, #gpu_tile.mma<rows = [0], cols = [1], warps = [4, 1]>>
gpu_tile.kernel @role_body(%block: index, %B: index, %T: index, %splits: index, %span: index, %x: !x) attributes {grid = #tile.grid<blocks = 1>, threads = 384 : i32, shared_bytes = 65536 : i32, arch = "sm_90a"} {
  // expected-error @below {{expected a body with one index, the part, as its argument}}
  gpu_tile.role "a" first 0 warps 4 {
  ^bb0(%i: i32):
  }
  gpu_tile.return
}

// -----

!x = memref<?x?x4x64xbf16, strided<[?, ?, ?, ?], offset: ?>>
!tile = !gpu_tile.shared<64x64xbf16, swizzle = 0>
!acc = !gpu_tile.fragment<64x64xf32, #gpu_tile.mma<rows = [0], cols = [1], warps = [4, 1]>>
gpu_tile.kernel @await_launch_C1(%block: index, %B: index, %T: index, %splits: index, %span: index, %x: !x) attributes {grid = #tile.grid<blocks = 1>, threads = 384 : i32, shared_bytes = 65536 : i32, arch = "sm_80"} {
  // expected-error @below {{expected the kernel's arch to be sm_90 or later, got sm_80}}
  gpu_tile.await_launch
  gpu_tile.return
}

// -----

// await_launch_C1: nothing around it, and something that is no kernel.
// expected-error @below {{expected to be in a gpu_tile.kernel}}
gpu_tile.await_launch

// -----

func.func @await_launch_C1() {
  // expected-error @below {{expected to be in a gpu_tile.kernel}}
  gpu_tile.await_launch
  return
}

// -----

!x = memref<?x?x4x64xbf16, strided<[?, ?, ?, ?], offset: ?>>
!tile = !gpu_tile.shared<64x64xbf16, swizzle = 0>
!acc = !gpu_tile.fragment<64x64xf32, #gpu_tile.mma<rows = [0], cols = [1], warps = [4, 1]>>
gpu_tile.kernel @mbarriers_C1(%block: index, %B: index, %T: index, %splits: index, %span: index, %x: !x) attributes {grid = #tile.grid<blocks = 1>, threads = 384 : i32, shared_bytes = 65536 : i32, arch = "sm_90a"} {
  // expected-error @below {{expected an offset of -1 or a multiple of 8, got 12}}
  %0 = gpu_tile.mbarriers at 12 arrivals 1 : !gpu_tile.mbarriers<1>
  gpu_tile.return
}

// -----

!x = memref<?x?x4x64xbf16, strided<[?, ?, ?, ?], offset: ?>>
!tile = !gpu_tile.shared<64x64xbf16, swizzle = 0>
!acc = !gpu_tile.fragment<64x64xf32, #gpu_tile.mma<rows = [0], cols = [1], warps = [4, 1]>>
gpu_tile.kernel @mbarriers_C2(%block: index, %B: index, %T: index, %splits: index, %span: index, %x: !x) attributes {grid = #tile.grid<blocks = 1>, threads = 384 : i32, shared_bytes = 65536 : i32, arch = "sm_90a"} {
  // expected-error @below {{expected at least 1 arrival, got 0}}
  %0 = gpu_tile.mbarriers at 8 arrivals 0 : !gpu_tile.mbarriers<1>
  gpu_tile.return
}

// -----

// expected-error @below {{expected 1 to 268435455 barriers, got 0}}
func.func private @mbarriers_count(!gpu_tile.mbarriers<0>)

// -----

!x = memref<?x?x4x64xbf16, strided<[?, ?, ?, ?], offset: ?>>
!tile = !gpu_tile.shared<64x64xbf16, swizzle = 0>
!acc = !gpu_tile.fragment<64x64xf32, #gpu_tile.mma<rows = [0], cols = [1], warps = [4, 1]>>
gpu_tile.kernel @mbarriers_space(%block: index, %B: index, %T: index, %splits: index, %span: index, %x: !x) attributes {grid = #tile.grid<blocks = 1>, threads = 384 : i32, shared_bytes = 65536 : i32, arch = "sm_90a"} {
  // expected-error @below {{expected to end within 65536 bytes of shared memory, got 16 bytes at 65528}}
  %0 = gpu_tile.mbarriers at 65528 arrivals 1 : !gpu_tile.mbarriers<2>
  gpu_tile.return
}

// -----

!x = memref<?x?x4x64xbf16, strided<[?, ?, ?, ?], offset: ?>>
!tile = !gpu_tile.shared<64x64xbf16, swizzle = 0>
!acc = !gpu_tile.fragment<64x64xf32, #gpu_tile.mma<rows = [0], cols = [1], warps = [4, 1]>>
gpu_tile.kernel @wgmma_wait(%block: index, %B: index, %T: index, %splits: index, %span: index, %x: !x) attributes {grid = #tile.grid<blocks = 1>, threads = 384 : i32, shared_bytes = 65536 : i32, arch = "sm_90a"} {
  %a = gpu_tile.constant 0.0 : !acc
  // expected-error @below {{expected pending to be at least 0, got -1}}
  %0 = gpu_tile.wgmma_wait %a pending -1 : !acc
  gpu_tile.return
}

// -----

!x = memref<?x?x4x64xbf16, strided<[?, ?, ?, ?], offset: ?>>
!tile = !gpu_tile.shared<64x64xbf16, swizzle = 0>
!acc = !gpu_tile.fragment<64x64xf32, #gpu_tile.mma<rows = [0], cols = [1], warps = [4, 1]>>
gpu_tile.kernel @fetch_C1(%block: index, %B: index, %T: index, %splits: index, %span: index, %x: !x) attributes {grid = #tile.grid<blocks = 1>, threads = 384 : i32, shared_bytes = 65536 : i32, arch = "sm_90a"} {
  %c0 = arith.constant 0 : index
  %t = gpu_tile.alloc at 0 : !tile
  %f = gpu_tile.mbarriers at 40960 arrivals 1 : !gpu_tile.mbarriers<1>
  // expected-error @below {{expected 4 offset values, got 3}}
  gpu_tile.fetch %x[0, %block, 3] dims [1, 3] limits [%T, 64] to %t signals %f[%c0] : !x -> !tile, !gpu_tile.mbarriers<1>
  gpu_tile.return
}

// -----

!x = memref<?x?x4x64xbf16, strided<[?, ?, ?, ?], offset: ?>>
!tile = !gpu_tile.shared<64x64xbf16, swizzle = 0>
!acc = !gpu_tile.fragment<64x64xf32, #gpu_tile.mma<rows = [0], cols = [1], warps = [4, 1]>>
gpu_tile.kernel @fetch_C1_type(%block: index, %B: index, %T: index, %splits: index, %span: index, %x: !x) attributes {grid = #tile.grid<blocks = 1>, threads = 384 : i32, shared_bytes = 65536 : i32, arch = "sm_90a"} {
  %c0 = arith.constant 0 : index
  %t = gpu_tile.alloc at 0 : !gpu_tile.shared<64x64xf16, swizzle = 0>
  %f = gpu_tile.mbarriers at 40960 arrivals 1 : !gpu_tile.mbarriers<1>
  // expected-error @below {{expected elements of 'bf16', got 'f16'}}
  gpu_tile.fetch %x[0, %block, 3, 0] dims [1, 3] limits [%T, 64] to %t signals %f[%c0] : !x -> !gpu_tile.shared<64x64xf16, swizzle = 0>, !gpu_tile.mbarriers<1>
  gpu_tile.return
}

// -----

!x = memref<?x?x4x64xbf16, strided<[?, ?, ?, ?], offset: ?>>
!tile = !gpu_tile.shared<64x64xbf16, swizzle = 0>
gpu_tile.kernel @fetch_C4(%block: index, %B: index, %T: index, %splits: index, %span: index, %x: !x) attributes {grid = #tile.grid<blocks = 1>, threads = 384 : i32, shared_bytes = 65536 : i32, arch = "sm_90a"} {
  %c0 = arith.constant 0 : index
  %t = gpu_tile.alloc at 0 : !tile
  %f = gpu_tile.mbarriers at 40960 arrivals 1 : !gpu_tile.mbarriers<1>
  %r = tile.reverse %x dim 0 of %T : !x
  // expected-error @below {{expected a memref that is reversed along the tile's rows, the one dimension besides its last, got one along 0}}
  gpu_tile.fetch %r[0, %block, 3, 0] dims [1, 3] limits [%T, 64] to %t signals %f[%c0] : !x -> !tile, !gpu_tile.mbarriers<1>
  gpu_tile.return
}

// -----

!x = memref<?x?x4x64xbf16, strided<[?, ?, ?, ?], offset: ?>>
!tile = !gpu_tile.shared<64x64xbf16, swizzle = 0>
!acc = !gpu_tile.fragment<64x64xf32, #gpu_tile.mma<rows = [0], cols = [1], warps = [4, 1]>>
gpu_tile.kernel @fetch_C2_last(%block: index, %B: index, %T: index, %splits: index, %span: index, %x: !x) attributes {grid = #tile.grid<blocks = 1>, threads = 384 : i32, shared_bytes = 65536 : i32, arch = "sm_90a"} {
  %c0 = arith.constant 0 : index
  %t = gpu_tile.alloc at 0 : !tile
  %f = gpu_tile.mbarriers at 40960 arrivals 1 : !gpu_tile.mbarriers<1>
  // expected-error @below {{expected ascending dims that end with the memref's last, got [1, 2]}}
  gpu_tile.fetch %x[0, %block, 3, 0] dims [1, 2] limits [%T, 64] to %t signals %f[%c0] : !x -> !tile, !gpu_tile.mbarriers<1>
  gpu_tile.return
}

// -----

!x = memref<?x?x4x64xbf16, strided<[?, ?, ?, ?], offset: ?>>
!tile = !gpu_tile.shared<64x64xbf16, swizzle = 0>
!acc = !gpu_tile.fragment<64x64xf32, #gpu_tile.mma<rows = [0], cols = [1], warps = [4, 1]>>
gpu_tile.kernel @fetch_C2_order(%block: index, %B: index, %T: index, %splits: index, %span: index, %x: !x) attributes {grid = #tile.grid<blocks = 1>, threads = 384 : i32, shared_bytes = 65536 : i32, arch = "sm_90a"} {
  %c0 = arith.constant 0 : index
  %t = gpu_tile.alloc at 0 : !tile
  %f = gpu_tile.mbarriers at 40960 arrivals 1 : !gpu_tile.mbarriers<1>
  // expected-error @below {{expected ascending dims that end with the memref's last, got [3, 1]}}
  gpu_tile.fetch %x[0, %block, 3, 0] dims [3, 1] limits [%T, 64] to %t signals %f[%c0] : !x -> !tile, !gpu_tile.mbarriers<1>
  gpu_tile.return
}

// -----

!x = memref<?x?x4x64xbf16, strided<[?, ?, ?, ?], offset: ?>>
!tile = !gpu_tile.shared<64x64xbf16, swizzle = 0>
!acc = !gpu_tile.fragment<64x64xf32, #gpu_tile.mma<rows = [0], cols = [1], warps = [4, 1]>>
gpu_tile.kernel @fetch_C3_row(%block: index, %B: index, %T: index, %splits: index, %span: index, %x: !x) attributes {grid = #tile.grid<blocks = 1>, threads = 384 : i32, shared_bytes = 65536 : i32, arch = "sm_90a"} {
  %c0 = arith.constant 0 : index
  %t = gpu_tile.alloc at 0 : !gpu_tile.shared<64x128xbf16, swizzle = 0>
  %f = gpu_tile.mbarriers at 40960 arrivals 1 : !gpu_tile.mbarriers<1>
  // expected-error @below {{expected one swizzled stage of rows or panels of 32, 64 or 128 bytes, got}}
  gpu_tile.fetch %x[0, %block, 3, 0] dims [1, 3] limits [%T, 64] to %t signals %f[%c0] : !x -> !gpu_tile.shared<64x128xbf16, swizzle = 0>, !gpu_tile.mbarriers<1>
  gpu_tile.return
}

// -----

!x = memref<?x?x4x64xbf16, strided<[?, ?, ?, ?], offset: ?>>
!tile = !gpu_tile.shared<64x64xbf16, swizzle = 0>
!acc = !gpu_tile.fragment<64x64xf32, #gpu_tile.mma<rows = [0], cols = [1], warps = [4, 1]>>
gpu_tile.kernel @fetch_C3_plain(%block: index, %B: index, %T: index, %splits: index, %span: index, %x: !x) attributes {grid = #tile.grid<blocks = 1>, threads = 384 : i32, shared_bytes = 65536 : i32, arch = "sm_90a"} {
  %c0 = arith.constant 0 : index
  %t = gpu_tile.alloc at 0 : !gpu_tile.shared<64x64xbf16>
  %f = gpu_tile.mbarriers at 40960 arrivals 1 : !gpu_tile.mbarriers<1>
  // expected-error @below {{expected one swizzled stage of rows or panels of 32, 64 or 128 bytes, got}}
  gpu_tile.fetch %x[0, %block, 3, 0] dims [1, 3] limits [%T, 64] to %t signals %f[%c0] : !x -> !gpu_tile.shared<64x64xbf16>, !gpu_tile.mbarriers<1>
  gpu_tile.return
}

// -----

!x = memref<?x?x4x64xbf16, strided<[?, ?, ?, ?], offset: ?>>
!tile = !gpu_tile.shared<64x64xbf16, swizzle = 0>
!acc = !gpu_tile.fragment<64x64xf32, #gpu_tile.mma<rows = [0], cols = [1], warps = [4, 1]>>
gpu_tile.kernel @fetch_C3_stages(%block: index, %B: index, %T: index, %splits: index, %span: index, %x: !x) attributes {grid = #tile.grid<blocks = 1>, threads = 384 : i32, shared_bytes = 65536 : i32, arch = "sm_90a"} {
  %c0 = arith.constant 0 : index
  %t = gpu_tile.alloc at 0 : !gpu_tile.shared<64x64xbf16, swizzle = 0, stages = 2>
  %f = gpu_tile.mbarriers at 40960 arrivals 1 : !gpu_tile.mbarriers<1>
  // expected-error @below {{expected one swizzled stage of rows or panels of 32, 64 or 128 bytes, got}}
  gpu_tile.fetch %x[0, %block, 3, 0] dims [1, 3] limits [%T, 64] to %t signals %f[%c0] : !x -> !gpu_tile.shared<64x64xbf16, swizzle = 0, stages = 2>, !gpu_tile.mbarriers<1>
  gpu_tile.return
}

// -----

!x = memref<?x?x4x64xbf16, strided<[?, ?, ?, ?], offset: ?>>
!tile = !gpu_tile.shared<64x64xbf16, swizzle = 0>
!acc = !gpu_tile.fragment<64x64xf32, #gpu_tile.mma<rows = [0], cols = [1], warps = [4, 1]>>
gpu_tile.kernel @flush_C2(%block: index, %B: index, %T: index, %splits: index, %span: index, %x: !x) attributes {grid = #tile.grid<blocks = 1>, threads = 384 : i32, shared_bytes = 65536 : i32, arch = "sm_90a"} {
  %t = gpu_tile.alloc at 0 : !tile
  // expected-error @below {{expected ascending dims that end with the memref's last, got [1, 2]}}
  gpu_tile.flush %t to %x[0, 0, 1, 0] dims [1, 2] limits [%T, 64] : !tile -> !x
  gpu_tile.return
}

// -----

!x = memref<?x?x4x64xbf16, strided<[?, ?, ?, ?], offset: ?>>
!tile = !gpu_tile.shared<64x64xbf16, swizzle = 0>
!acc = !gpu_tile.fragment<64x64xf32, #gpu_tile.mma<rows = [0], cols = [1], warps = [4, 1]>>
gpu_tile.kernel @flush_C3(%block: index, %B: index, %T: index, %splits: index, %span: index, %x: !x) attributes {grid = #tile.grid<blocks = 1>, threads = 384 : i32, shared_bytes = 65536 : i32, arch = "sm_90a"} {
  %t = gpu_tile.alloc at 0 : !gpu_tile.shared<64x64xbf16>
  // expected-error @below {{expected one swizzled stage of rows or panels of 32, 64 or 128 bytes, got}}
  gpu_tile.flush %t to %x[0, 0, 1, 0] dims [1, 3] limits [%T, 64] : !gpu_tile.shared<64x64xbf16> -> !x
  gpu_tile.return
}

// -----

!x = memref<?x?x4x64xbf16, strided<[?, ?, ?, ?], offset: ?>>
!tile = !gpu_tile.shared<64x64xbf16, swizzle = 0>
!acc = !gpu_tile.fragment<64x64xf32, #gpu_tile.mma<rows = [0], cols = [1], warps = [4, 1]>>
gpu_tile.kernel @wgmma_C1_count(%block: index, %B: index, %T: index, %splits: index, %span: index, %x: !x) attributes {grid = #tile.grid<blocks = 1>, threads = 384 : i32, shared_bytes = 65536 : i32, arch = "sm_90a"} {
  %l = gpu_tile.alloc : !tile
  %r = gpu_tile.alloc : !tile
  %a = gpu_tile.constant 0.0 : !acc
  // expected-error @below {{expected 3 maps, got 2}}
  %p = gpu_tile.wgmma %l, %r, %a maps [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (k, n)>] : !tile, !tile -> !acc
  gpu_tile.return
}

// -----

!x = memref<?x?x4x64xbf16, strided<[?, ?, ?, ?], offset: ?>>
!tile = !gpu_tile.shared<64x64xbf16, swizzle = 0>
!acc = !gpu_tile.fragment<64x64xf32, #gpu_tile.mma<rows = [0], cols = [1], warps = [4, 1]>>
gpu_tile.kernel @wgmma_C1_maps(%block: index, %B: index, %T: index, %splits: index, %span: index, %x: !x) attributes {grid = #tile.grid<blocks = 1>, threads = 384 : i32, shared_bytes = 65536 : i32, arch = "sm_90a"} {
  %l = gpu_tile.alloc : !tile
  %r = gpu_tile.alloc : !tile
  %a = gpu_tile.constant 0.0 : !acc
  // expected-error @below {{expected map 1 to name 2 of 3 dimensions, got affine_map<(d0, d1, d2) -> (d2 + 1, d1)>}}
  %p = gpu_tile.wgmma %l, %r, %a maps [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (k + 1, n)>, affine_map<(m, n, k) -> (m, n)>] : !tile, !tile -> !acc
  gpu_tile.return
}

// -----

!x = memref<?x?x4x64xbf16, strided<[?, ?, ?, ?], offset: ?>>
!tile = !gpu_tile.shared<64x64xbf16, swizzle = 0>
!acc = !gpu_tile.fragment<64x64xf32, #gpu_tile.mma<rows = [0], cols = [1], warps = [4, 1]>>
gpu_tile.kernel @wgmma_C1_sizes(%block: index, %B: index, %T: index, %splits: index, %span: index, %x: !x) attributes {grid = #tile.grid<blocks = 1>, threads = 384 : i32, shared_bytes = 65536 : i32, arch = "sm_90a"} {
  %l = gpu_tile.alloc : !gpu_tile.shared<64x128xbf16, swizzle = 0, panel = 64>
  %r = gpu_tile.alloc : !tile
  %a = gpu_tile.constant 0.0 : !acc
  // expected-error @below {{expected dimension 2 to have one size, got 128 and 64}}
  %p = gpu_tile.wgmma %l, %r, %a maps [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (k, n)>, affine_map<(m, n, k) -> (m, n)>] : !gpu_tile.shared<64x128xbf16, swizzle = 0, panel = 64>, !tile -> !acc
  gpu_tile.return
}

// -----

!x = memref<?x?x4x64xbf16, strided<[?, ?, ?, ?], offset: ?>>
!tile = !gpu_tile.shared<64x64xbf16, swizzle = 0>
!acc = !gpu_tile.fragment<64x64xf32, #gpu_tile.mma<rows = [0], cols = [1], warps = [4, 1]>>
gpu_tile.kernel @wgmma_C1_batch(%block: index, %B: index, %T: index, %splits: index, %span: index, %x: !x) attributes {grid = #tile.grid<blocks = 1>, threads = 384 : i32, shared_bytes = 65536 : i32, arch = "sm_90a"} {
  %l = gpu_tile.alloc : !gpu_tile.shared<2x64x64xbf16, swizzle = 1>
  %r = gpu_tile.alloc : !tile
  %a = gpu_tile.constant 0.0 : !gpu_tile.fragment<2x64x64xf32, #gpu_tile.mma<rows = [0, 1], cols = [2], warps = [4, 1]>>
  // expected-error @below {{expected one row, one column and one contracted dimension larger than 1, got '!gpu_tile.shared<2x64x64xbf16, swizzle = 1>' times '!gpu_tile.shared<64x64xbf16, swizzle = 0>' for}}
  %p = gpu_tile.wgmma %l, %r, %a maps [affine_map<(h, m, n, k) -> (h, m, k)>, affine_map<(h, m, n, k) -> (k, n)>, affine_map<(h, m, n, k) -> (h, m, n)>] : !gpu_tile.shared<2x64x64xbf16, swizzle = 1>, !tile -> !gpu_tile.fragment<2x64x64xf32, #gpu_tile.mma<rows = [0, 1], cols = [2], warps = [4, 1]>>
  gpu_tile.return
}

// -----

!x = memref<?x?x4x64xbf16, strided<[?, ?, ?, ?], offset: ?>>
!acc = !gpu_tile.fragment<64x16x16xf32, #gpu_tile.mma<rows = [0], cols = [1, 2], warps = [4, 1]>>
gpu_tile.kernel @wgmma_C1_order(%block: index, %B: index, %T: index, %splits: index, %span: index, %x: !x) attributes {grid = #tile.grid<blocks = 1>, threads = 384 : i32, shared_bytes = 65536 : i32, arch = "sm_90a"} {
  %l = gpu_tile.alloc : !gpu_tile.shared<64x64xbf16, swizzle = 0>
  %r = gpu_tile.alloc : !gpu_tile.shared<16x16x64xbf16, swizzle = 1>
  %a = gpu_tile.constant 0.0 : !acc
  // Columns in another order than the rows of rhs.
  // expected-error @below {{expected one row, one column and one contracted dimension larger than 1}}
  %p = gpu_tile.wgmma %l, %r, %a maps [affine_map<(m, n, d, k) -> (m, k)>, affine_map<(m, n, d, k) -> (d, n, k)>, affine_map<(m, n, d, k) -> (m, n, d)>] : !gpu_tile.shared<64x64xbf16, swizzle = 0>, !gpu_tile.shared<16x16x64xbf16, swizzle = 1> -> !acc
  gpu_tile.return
}

// -----

!x = memref<?x?x4x64xbf16, strided<[?, ?, ?, ?], offset: ?>>
!acc = !gpu_tile.fragment<64x2x64xf32, #gpu_tile.mma<rows = [0], cols = [1, 2], warps = [4, 1]>>
gpu_tile.kernel @wgmma_C1_last(%block: index, %B: index, %T: index, %splits: index, %span: index, %x: !x) attributes {grid = #tile.grid<blocks = 1>, threads = 384 : i32, shared_bytes = 65536 : i32, arch = "sm_90a"} {
  %l = gpu_tile.alloc : !gpu_tile.shared<64x64xbf16, swizzle = 0>
  %r = gpu_tile.alloc : !gpu_tile.shared<64x2x64xbf16, swizzle = 0>
  %a = gpu_tile.constant 0.0 : !acc
  // Several columns, and what is contracted not in rows.
  // expected-error @below {{expected one row, one column and one contracted dimension larger than 1}}
  %p = gpu_tile.wgmma %l, %r, %a maps [affine_map<(m, d, n, k) -> (m, k)>, affine_map<(m, d, n, k) -> (k, d, n)>, affine_map<(m, d, n, k) -> (m, d, n)>] : !gpu_tile.shared<64x64xbf16, swizzle = 0>, !gpu_tile.shared<64x2x64xbf16, swizzle = 0> -> !acc
  gpu_tile.return
}

// -----

!x = memref<?x?x4x64xbf16, strided<[?, ?, ?, ?], offset: ?>>
!acc = !gpu_tile.fragment<64x2x16xf32, #gpu_tile.mma<rows = [0], cols = [1, 2], warps = [4, 1]>>
gpu_tile.kernel @wgmma_C4_outer(%block: index, %B: index, %T: index, %splits: index, %span: index, %x: !x) attributes {grid = #tile.grid<blocks = 1>, threads = 384 : i32, shared_bytes = 65536 : i32, arch = "sm_90a"} {
  %l = gpu_tile.alloc : !gpu_tile.shared<64x64xbf16, swizzle = 0>
  %r = gpu_tile.alloc : !gpu_tile.shared<2x16x64xbf16, swizzle = 0>
  %a = gpu_tile.constant 0.0 : !acc
  // expected-error @below {{expected shared operands in rows or panels of 128 bytes, swizzled by the row}}
  %p = gpu_tile.wgmma %l, %r, %a maps [affine_map<(m, d, n, k) -> (m, k)>, affine_map<(m, d, n, k) -> (d, n, k)>, affine_map<(m, d, n, k) -> (m, d, n)>] : !gpu_tile.shared<64x64xbf16, swizzle = 0>, !gpu_tile.shared<2x16x64xbf16, swizzle = 0> -> !acc
  gpu_tile.return
}

// -----

!x = memref<?x?x4x64xbf16, strided<[?, ?, ?, ?], offset: ?>>
!tile = !gpu_tile.shared<64x64xbf16, swizzle = 0>
!acc = !gpu_tile.fragment<64x64xf32, #gpu_tile.mma<rows = [0], cols = [1], warps = [4, 1]>>
gpu_tile.kernel @wgmma_C2_warps(%block: index, %B: index, %T: index, %splits: index, %span: index, %x: !x) attributes {grid = #tile.grid<blocks = 1>, threads = 384 : i32, shared_bytes = 65536 : i32, arch = "sm_90a"} {
  %l = gpu_tile.alloc : !tile
  %r = gpu_tile.alloc : !tile
  %a = gpu_tile.constant 0.0 : !gpu_tile.fragment<64x64xf32, #gpu_tile.mma<rows = [0], cols = [1], warps = [2, 2]>>
  // expected-error @below {{expected a result of layout mma with warps = [4, 1], got #gpu_tile.mma<rows = [0], cols = [1], warps = [2, 2]>}}
  %p = gpu_tile.wgmma %l, %r, %a maps [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (k, n)>, affine_map<(m, n, k) -> (m, n)>] : !tile, !tile -> !gpu_tile.fragment<64x64xf32, #gpu_tile.mma<rows = [0], cols = [1], warps = [2, 2]>>
  gpu_tile.return
}

// -----

!x = memref<?x?x4x64xbf16, strided<[?, ?, ?, ?], offset: ?>>
!tile = !gpu_tile.shared<64x64xbf16, swizzle = 0>
!acc = !gpu_tile.fragment<64x64xf32, #gpu_tile.mma<rows = [0], cols = [1], warps = [4, 1]>>
gpu_tile.kernel @wgmma_C2_rows(%block: index, %B: index, %T: index, %splits: index, %span: index, %x: !x) attributes {grid = #tile.grid<blocks = 1>, threads = 384 : i32, shared_bytes = 65536 : i32, arch = "sm_90a"} {
  %l = gpu_tile.alloc : !tile
  %r = gpu_tile.alloc : !tile
  %a = gpu_tile.constant 0.0 : !gpu_tile.fragment<96x64xf32, #gpu_tile.mma<rows = [0], cols = [1], warps = [4, 1]>>
  // expected-error @below {{expected a multiple of 64 rows and at most 256 columns, got 96 x 64}}
  %p = gpu_tile.wgmma %l, %r, %a maps [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (k, n)>, affine_map<(m, n, k) -> (m, n)>] : !tile, !tile -> !gpu_tile.fragment<96x64xf32, #gpu_tile.mma<rows = [0], cols = [1], warps = [4, 1]>>
  gpu_tile.return
}

// -----

!x = memref<?x?x4x64xbf16, strided<[?, ?, ?, ?], offset: ?>>
!tile = !gpu_tile.shared<64x64xbf16, swizzle = 0>
!acc = !gpu_tile.fragment<64x64xf32, #gpu_tile.mma<rows = [0], cols = [1], warps = [4, 1]>>
gpu_tile.kernel @wgmma_C2_shared_rows(%block: index, %B: index, %T: index, %splits: index, %span: index, %x: !x) attributes {grid = #tile.grid<blocks = 1>, threads = 384 : i32, shared_bytes = 65536 : i32, arch = "sm_90a"} {
  %l = gpu_tile.alloc : !gpu_tile.shared<128x64xbf16, swizzle = 0>
  %r = gpu_tile.alloc : !tile
  %a = gpu_tile.constant 0.0 : !gpu_tile.fragment<128x64xf32, #gpu_tile.mma<rows = [0], cols = [1], warps = [4, 1]>>
  // expected-error @below {{expected 64 rows with those of lhs in shared memory, got 128}}
  %p = gpu_tile.wgmma %l, %r, %a maps [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (k, n)>, affine_map<(m, n, k) -> (m, n)>] : !gpu_tile.shared<128x64xbf16, swizzle = 0>, !tile -> !gpu_tile.fragment<128x64xf32, #gpu_tile.mma<rows = [0], cols = [1], warps = [4, 1]>>
  gpu_tile.return
}

// -----

!x = memref<?x?x4x64xbf16, strided<[?, ?, ?, ?], offset: ?>>
!tile = !gpu_tile.shared<64x64xbf16, swizzle = 0>
!acc = !gpu_tile.fragment<64x64xf32, #gpu_tile.mma<rows = [0], cols = [1], warps = [4, 1]>>
gpu_tile.kernel @wgmma_C2_columns(%block: index, %B: index, %T: index, %splits: index, %span: index, %x: !x) attributes {grid = #tile.grid<blocks = 1>, threads = 384 : i32, shared_bytes = 65536 : i32, arch = "sm_90a"} {
  %l = gpu_tile.alloc : !tile
  %r = gpu_tile.alloc : !tile
  %a = gpu_tile.constant 0.0 : !gpu_tile.fragment<64x512xf32, #gpu_tile.mma<rows = [0], cols = [1], warps = [4, 1]>>
  // expected-error @below {{expected a multiple of 64 rows and at most 256 columns, got 64 x 512}}
  %p = gpu_tile.wgmma %l, %r, %a maps [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (k, n)>, affine_map<(m, n, k) -> (m, n)>] : !tile, !tile -> !gpu_tile.fragment<64x512xf32, #gpu_tile.mma<rows = [0], cols = [1], warps = [4, 1]>>
  gpu_tile.return
}

// -----

!x = memref<?x?x4x64xbf16, strided<[?, ?, ?, ?], offset: ?>>
!tile = !gpu_tile.shared<64x64xbf16, swizzle = 0>
!acc = !gpu_tile.fragment<64x64xf32, #gpu_tile.mma<rows = [0], cols = [1], warps = [4, 1]>>
gpu_tile.kernel @wgmma_C3(%block: index, %B: index, %T: index, %splits: index, %span: index, %x: !x) attributes {grid = #tile.grid<blocks = 1>, threads = 384 : i32, shared_bytes = 65536 : i32, arch = "sm_90a"} {
  %l = gpu_tile.constant 0.0 : !gpu_tile.fragment<64x64xbf16, #gpu_tile.mma<rows = [0], cols = [1], warps = [2, 1]>>
  %r = gpu_tile.alloc : !tile
  %a = gpu_tile.constant 0.0 : !acc
  // expected-error @below {{expected lhs to hold the result's rows in the same warps, got}}
  %p = gpu_tile.wgmma %l, %r, %a maps [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (k, n)>, affine_map<(m, n, k) -> (m, n)>] : !gpu_tile.fragment<64x64xbf16, #gpu_tile.mma<rows = [0], cols = [1], warps = [2, 1]>>, !tile -> !acc
  gpu_tile.return
}

// -----

!x = memref<?x?x4x64xbf16, strided<[?, ?, ?, ?], offset: ?>>
!tile = !gpu_tile.shared<64x64xbf16, swizzle = 0>
!acc = !gpu_tile.fragment<64x64xf32, #gpu_tile.mma<rows = [0], cols = [1], warps = [4, 1]>>
gpu_tile.kernel @wgmma_C4_wide(%block: index, %B: index, %T: index, %splits: index, %span: index, %x: !x) attributes {grid = #tile.grid<blocks = 1>, threads = 384 : i32, shared_bytes = 65536 : i32, arch = "sm_90a"} {
  %l = gpu_tile.alloc : !tile
  %r = gpu_tile.alloc : !gpu_tile.shared<64x64xf32, swizzle = 0>
  %a = gpu_tile.constant 0.0 : !acc
  // expected-error @below {{expected equal operand types and an f32 result, got 'bf16' and 'f32'}}
  %p = gpu_tile.wgmma %l, %r, %a maps [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (k, n)>, affine_map<(m, n, k) -> (m, n)>] : !tile, !gpu_tile.shared<64x64xf32, swizzle = 0> -> !acc
  gpu_tile.return
}

// -----

!x = memref<?x?x4x64xbf16, strided<[?, ?, ?, ?], offset: ?>>
!tile = !gpu_tile.shared<64x64xbf16, swizzle = 0>
!acc = !gpu_tile.fragment<64x64xf32, #gpu_tile.mma<rows = [0], cols = [1], warps = [4, 1]>>
gpu_tile.kernel @wgmma_C4_two(%block: index, %B: index, %T: index, %splits: index, %span: index, %x: !x) attributes {grid = #tile.grid<blocks = 1>, threads = 384 : i32, shared_bytes = 65536 : i32, arch = "sm_90a"} {
  %l = gpu_tile.alloc : !gpu_tile.shared<64x64xf16, swizzle = 0>
  %r = gpu_tile.alloc : !tile
  %a = gpu_tile.constant 0.0 : !acc
  // expected-error @below {{expected equal operand types and an f32 result, got 'f16' and 'bf16'}}
  %p = gpu_tile.wgmma %l, %r, %a maps [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (k, n)>, affine_map<(m, n, k) -> (m, n)>] : !gpu_tile.shared<64x64xf16, swizzle = 0>, !tile -> !acc
  gpu_tile.return
}

// -----

!x = memref<?x?x4x64xbf16, strided<[?, ?, ?, ?], offset: ?>>
!tile = !gpu_tile.shared<64x64xbf16, swizzle = 0>
!acc = !gpu_tile.fragment<64x64xf32, #gpu_tile.mma<rows = [0], cols = [1], warps = [4, 1]>>
gpu_tile.kernel @wgmma_C4_plain(%block: index, %B: index, %T: index, %splits: index, %span: index, %x: !x) attributes {grid = #tile.grid<blocks = 1>, threads = 384 : i32, shared_bytes = 65536 : i32, arch = "sm_90a"} {
  %l = gpu_tile.alloc : !tile
  %r = gpu_tile.alloc : !gpu_tile.shared<64x64xbf16>
  %a = gpu_tile.constant 0.0 : !acc
  // expected-error @below {{expected shared operands in rows or panels of 128 bytes, swizzled by the row}}
  %p = gpu_tile.wgmma %l, %r, %a maps [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (k, n)>, affine_map<(m, n, k) -> (m, n)>] : !tile, !gpu_tile.shared<64x64xbf16> -> !acc
  gpu_tile.return
}

// -----

!x = memref<?x?x4x64xbf16, strided<[?, ?, ?, ?], offset: ?>>
!tile = !gpu_tile.shared<64x64xbf16, swizzle = 0>
!acc = !gpu_tile.fragment<64x64xf32, #gpu_tile.mma<rows = [0], cols = [1], warps = [4, 1]>>
gpu_tile.kernel @wgmma_C4_panel(%block: index, %B: index, %T: index, %splits: index, %span: index, %x: !x) attributes {grid = #tile.grid<blocks = 1>, threads = 384 : i32, shared_bytes = 65536 : i32, arch = "sm_90a"} {
  %l = gpu_tile.alloc : !gpu_tile.shared<64x64xbf16, swizzle = 0, panel = 32>
  %r = gpu_tile.alloc : !tile
  %a = gpu_tile.constant 0.0 : !acc
  // expected-error @below {{expected shared operands in rows or panels of 128 bytes, swizzled by the row}}
  %p = gpu_tile.wgmma %l, %r, %a maps [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (k, n)>, affine_map<(m, n, k) -> (m, n)>] : !gpu_tile.shared<64x64xbf16, swizzle = 0, panel = 32>, !tile -> !acc
  gpu_tile.return
}

// -----

!x = memref<?x?x4x64xbf16, strided<[?, ?, ?, ?], offset: ?>>
!tile = !gpu_tile.shared<64x64xbf16, swizzle = 0>
!acc = !gpu_tile.fragment<64x64xf32, #gpu_tile.mma<rows = [0], cols = [1], warps = [4, 1]>>
gpu_tile.kernel @wgmma_lhs(%block: index, %B: index, %T: index, %splits: index, %span: index, %x: !x) attributes {grid = #tile.grid<blocks = 1>, threads = 384 : i32, shared_bytes = 65536 : i32, arch = "sm_90a"} {
  %l = arith.constant 0.0 : f32
  %r = gpu_tile.alloc : !tile
  %a = gpu_tile.constant 0.0 : !acc
  // expected-error @below {{expected operands in registers or shared memory, got 'f32'}}
  %p = gpu_tile.wgmma %l, %r, %a maps [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (k, n)>, affine_map<(m, n, k) -> (m, n)>] : f32, !tile -> !acc
  gpu_tile.return
}

// -----

!x = memref<?x?x4x64xbf16, strided<[?, ?, ?, ?], offset: ?>>
!tile = !gpu_tile.shared<64x64xbf16, swizzle = 0>
!acc = !gpu_tile.fragment<64x64xf32, #gpu_tile.mma<rows = [0], cols = [1], warps = [4, 1]>>
gpu_tile.kernel @wgmma_C5(%block: index, %B: index, %T: index, %splits: index, %span: index, %x: !x) attributes {grid = #tile.grid<blocks = 1>, threads = 384 : i32, shared_bytes = 65536 : i32, arch = "sm_90a"} {
  %l = gpu_tile.alloc : !gpu_tile.shared<64x24xbf16>
  %r = gpu_tile.alloc : !gpu_tile.shared<24x64xbf16, swizzle = 0>
  %a = gpu_tile.constant 0.0 : !acc
  // expected-error @below {{expected the contracted dimension to be a multiple of 16, got 24}}
  %p = gpu_tile.wgmma %l, %r, %a maps [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (k, n)>, affine_map<(m, n, k) -> (m, n)>] : !gpu_tile.shared<64x24xbf16>, !gpu_tile.shared<24x64xbf16, swizzle = 0> -> !acc
  gpu_tile.return
}

// -----

!x = memref<?x?x4x64xbf16, strided<[?, ?, ?, ?], offset: ?>>
!tile = !gpu_tile.shared<64x64xbf16, swizzle = 0>
!acc = !gpu_tile.fragment<64x64xf32, #gpu_tile.mma<rows = [0], cols = [1], warps = [4, 1]>>
gpu_tile.kernel @wgmma_C6(%block: index, %B: index, %T: index, %splits: index, %span: index, %x: !x) attributes {grid = #tile.grid<blocks = 1>, threads = 384 : i32, shared_bytes = 65536 : i32, arch = "sm_90a"} {
  %l = gpu_tile.alloc : !tile
  %r = gpu_tile.alloc : !tile
  %a = gpu_tile.constant 0.0 : !acc
  // expected-error @below {{expected its result to be waited for before it is used, got a use by gpu_tile.put}}
  %p = gpu_tile.wgmma %l, %r, %a maps [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (k, n)>, affine_map<(m, n, k) -> (m, n)>] : !tile, !tile -> !acc
  %u = gpu_tile.alloc : !gpu_tile.shared<64x64xf32>
  gpu_tile.put %p to %u perm [0, 1] : !acc -> !gpu_tile.shared<64x64xf32>
  gpu_tile.return
}

// -----

// expected-error @below {{expected panel to be at least 0 and at most 2147483647, got -16}}
func.func private @shared_C4(!gpu_tile.shared<64x64xbf16, panel = -16>)

// -----

// expected-error @below {{expected panel to be at least 0 and at most 2147483647, got 4611686018427387904}}
func.func private @shared_C4_most(!gpu_tile.shared<64x64xbf16, panel = 4611686018427387904>)

// -----

// The room of whole panels counts.
// expected-error @below {{expected dimensions of at least 1 and at most 2147483647 bytes, got 1 stages of [64, 65]}}
func.func private @shared_C3_panel(!gpu_tile.shared<64x65xbf16, panel = 16777216>)

// -----

!x = memref<?x?x4x64xbf16, strided<[?, ?, ?, ?], offset: ?>>
!tile = !gpu_tile.shared<64x64xbf16, swizzle = 0>
!acc = !gpu_tile.fragment<64x64xf32, #gpu_tile.mma<rows = [0], cols = [1], warps = [4, 1]>>
gpu_tile.kernel @wgmma_C1_twice(%block: index, %B: index, %T: index, %splits: index, %span: index, %x: !x) attributes {grid = #tile.grid<blocks = 1>, threads = 384 : i32, shared_bytes = 65536 : i32, arch = "sm_90a"} {
  %l = gpu_tile.alloc : !tile
  %r = gpu_tile.alloc : !tile
  %a = gpu_tile.constant 0.0 : !acc
  // expected-error @below {{expected map 1 to name 2 of 3 dimensions, got affine_map<(d0, d1, d2) -> (d2, d2)>}}
  %p = gpu_tile.wgmma %l, %r, %a maps [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (k, k)>, affine_map<(m, n, k) -> (m, n)>] : !tile, !tile -> !acc
  gpu_tile.return
}

// -----

!x = memref<?x?x4x64xbf16, strided<[?, ?, ?, ?], offset: ?>>
!tile = !gpu_tile.shared<64x64xbf16, swizzle = 0>
!narrow = !gpu_tile.fragment<64x64xbf16, #gpu_tile.mma<rows = [0], cols = [1], warps = [4, 1]>>
gpu_tile.kernel @wgmma_C1_narrow(%block: index, %B: index, %T: index, %splits: index, %span: index, %x: !x) attributes {grid = #tile.grid<blocks = 1>, threads = 384 : i32, shared_bytes = 65536 : i32, arch = "sm_90a"} {
  %l = gpu_tile.alloc : !tile
  %r = gpu_tile.alloc : !tile
  %a = gpu_tile.constant 0.0 : !narrow
  // expected-error @below {{expected equal operand types and an f32 result, got 'bf16' and 'bf16'}}
  %p = gpu_tile.wgmma %l, %r, %a maps [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (k, n)>, affine_map<(m, n, k) -> (m, n)>] : !tile, !tile -> !narrow
  gpu_tile.return
}

// -----

!x = memref<?x?x4x64xbf16, strided<[?, ?, ?, ?], offset: ?>>
!tile = !gpu_tile.shared<64x64xbf16, swizzle = 0>
!acc = !gpu_tile.fragment<64x64xf32, #gpu_tile.mma<rows = [0], cols = [1], warps = [4, 1]>>
gpu_tile.kernel @wgmma_C3_transposed(%block: index, %B: index, %T: index, %splits: index, %span: index, %x: !x) attributes {grid = #tile.grid<blocks = 1>, threads = 384 : i32, shared_bytes = 65536 : i32, arch = "sm_90a"} {
  %l = gpu_tile.constant 0.0 : !gpu_tile.fragment<64x64xbf16, #gpu_tile.mma<rows = [0], cols = [1], warps = [4, 1]>>
  %r = gpu_tile.alloc : !tile
  %a = gpu_tile.constant 0.0 : !acc
  // expected-error @below {{expected lhs to hold the result's rows in the same warps, got}}
  %p = gpu_tile.wgmma %l, %r, %a maps [affine_map<(m, n, k) -> (k, m)>, affine_map<(m, n, k) -> (k, n)>, affine_map<(m, n, k) -> (m, n)>] : !gpu_tile.fragment<64x64xbf16, #gpu_tile.mma<rows = [0], cols = [1], warps = [4, 1]>>, !tile -> !acc
  gpu_tile.return
}

// -----

gpu_tile.kernel @kernel_C4_role(%block: index, %B: index, %T: index, %splits: index, %span: index) attributes {grid = #tile.grid<blocks = 1>, threads = 384 : i32, shared_bytes = 0 : i32, arch = "sm_90a"} {
  gpu_tile.role "a" first 4 warps 2 {
  ^bb0(%i: index):
    // expected-error @below {{expected a layout for at most 2 warps, got #gpu_tile.mma<rows = [0], cols = [1], warps = [4, 1]>}}
    %a = gpu_tile.constant 0.0 : !gpu_tile.fragment<64x64xf32, #gpu_tile.mma<rows = [0], cols = [1], warps = [4, 1]>>
  }
  gpu_tile.return
}

// -----

// expected-error @below {{expected roles with at most 15 parts together, got 16}}
gpu_tile.kernel @kernel_C6(%block: index, %B: index, %T: index, %splits: index, %span: index) attributes {grid = #tile.grid<blocks = 1>, threads = 1024 : i32, shared_bytes = 0 : i32, arch = "sm_90a"} {
  gpu_tile.role "a" first 0 warps 2 parts 15 {
  ^bb0(%i: index):
  }
  gpu_tile.role "b" first 30 warps 2 {
  ^bb0(%i: index):
  }
  gpu_tile.return
}

// -----

// A role is not asked for what the verifier has not seen of it yet.
gpu_tile.kernel @role_unverified(%block: index, %B: index, %T: index, %splits: index, %span: index) attributes {grid = #tile.grid<blocks = 1>, threads = 384 : i32, shared_bytes = 0 : i32, arch = "sm_90a"} {
  gpu_tile.role "a" first 0 warps 4 {
  ^bb0(%i: index):
  }
  // expected-error @below {{requires attribute 'first'}}
  "gpu_tile.role"() ({
  ^bb0(%i: index):
  }) {name = "b"} : () -> ()
  gpu_tile.return
}

// -----

!x = memref<?x?x4x64xbf16, strided<[?, ?, ?, ?], offset: ?>>
!tile = !gpu_tile.shared<64x64xbf16, swizzle = 0>
gpu_tile.kernel @fetch_C2_value(%block: index, %B: index, %T: index, %splits: index, %span: index, %x: !x) attributes {grid = #tile.grid<blocks = 1>, threads = 384 : i32, shared_bytes = 65536 : i32, arch = "sm_90a"} {
  %t = gpu_tile.alloc : !tile
  %f = gpu_tile.mbarriers arrivals 1 : !gpu_tile.mbarriers<1>
  %c0 = arith.constant 0 : index
  %y = builtin.unrealized_conversion_cast %x : !x to !x
  // expected-error @below {{expected the memref to be an argument of the kernel, as its tensor map is, got another value}}
  gpu_tile.fetch %y[0, %block, 3, 0] dims [1, 3] limits [%T, 64] to %t signals %f[%c0] : !x -> !tile, !gpu_tile.mbarriers<1>
  gpu_tile.return
}

// -----

!x = memref<?x?x?x?x4x64xbf16, strided<[?, ?, ?, ?, ?, ?], offset: ?>>
!tile = !gpu_tile.shared<64x64xbf16, swizzle = 0>
gpu_tile.kernel @fetch_C2_rank(%block: index, %B: index, %T: index, %splits: index, %span: index, %x: !x) attributes {grid = #tile.grid<blocks = 1>, threads = 384 : i32, shared_bytes = 65536 : i32, arch = "sm_90a"} {
  %t = gpu_tile.alloc : !tile
  %f = gpu_tile.mbarriers arrivals 1 : !gpu_tile.mbarriers<1>
  %c0 = arith.constant 0 : index
  // expected-error @below {{expected a memref of at most 5 dimensions, got}}
  gpu_tile.fetch %x[0, 0, 0, 0, 0, 0] dims [4, 5] limits [64, 64] to %t signals %f[%c0] : !x -> !tile, !gpu_tile.mbarriers<1>
  gpu_tile.return
}

// -----

!x = memref<?x?x4x64xbf16, strided<[?, ?, ?, ?], offset: ?>>
!tile = !gpu_tile.shared<64x64xbf16, swizzle = 0>
gpu_tile.kernel @fetch_C3_pattern(%block: index, %B: index, %T: index, %splits: index, %span: index, %x: !x) attributes {grid = #tile.grid<blocks = 1>, threads = 384 : i32, shared_bytes = 65536 : i32, arch = "sm_90a"} {
  %t = gpu_tile.alloc : !gpu_tile.shared<4x4x64xbf16, swizzle = 1>
  %f = gpu_tile.mbarriers arrivals 1 : !gpu_tile.mbarriers<1>
  %c0 = arith.constant 0 : index
  // expected-error @below {{expected a tile swizzled by its rows, eight or a multiple of them in each outer index, got}}
  gpu_tile.fetch %x[0, 0, 0, 0] dims [1, 2, 3] limits [4, 4, 64] to %t signals %f[%c0] : !x -> !gpu_tile.shared<4x4x64xbf16, swizzle = 1>, !gpu_tile.mbarriers<1>
  gpu_tile.return
}

// -----

!x = memref<?x?x4x64xbf16, strided<[?, ?, ?, ?], offset: ?>>
!tile = !gpu_tile.shared<64x64xbf16, swizzle = 0>
gpu_tile.kernel @flush_C3_outer(%block: index, %B: index, %T: index, %splits: index, %span: index, %x: !x) attributes {grid = #tile.grid<blocks = 1>, threads = 384 : i32, shared_bytes = 65536 : i32, arch = "sm_90a"} {
  %t = gpu_tile.alloc : !gpu_tile.shared<8x4x64xbf16, swizzle = 0>
  // expected-error @below {{expected a tile swizzled by its rows, eight or a multiple of them in each outer index, got}}
  gpu_tile.flush %t to %x[0, 0, 0, 0] dims [1, 2, 3] limits [8, 4, 64] : !gpu_tile.shared<8x4x64xbf16, swizzle = 0> -> !x
  gpu_tile.return
}

// -----

!x = memref<?x?x4x64xbf16, strided<[?, ?, ?, ?], offset: ?>>
!tile = !gpu_tile.shared<64x64xbf16, swizzle = 0>
gpu_tile.kernel @fetch_C3_box(%block: index, %B: index, %T: index, %splits: index, %span: index, %x: !x) attributes {grid = #tile.grid<blocks = 1>, threads = 384 : i32, shared_bytes = 65536 : i32, arch = "sm_90a"} {
  %t = gpu_tile.alloc : !gpu_tile.shared<512x64xbf16, swizzle = 0>
  %f = gpu_tile.mbarriers arrivals 1 : !gpu_tile.mbarriers<1>
  %c0 = arith.constant 0 : index
  // expected-error @below {{expected at most 256 elements along a dimension, got}}
  gpu_tile.fetch %x[0, 0, 0, 0] dims [1, 3] limits [512, 64] to %t signals %f[%c0] : !x -> !gpu_tile.shared<512x64xbf16, swizzle = 0>, !gpu_tile.mbarriers<1>
  gpu_tile.return
}

// -----

// expected-error @below {{expected panel to be a power of two, in bytes a multiple of 16, got 48 elements of 2 bytes}}
func.func private @shared_C4_power(!gpu_tile.shared<64x96xbf16, panel = 48>)

// -----

// expected-error @below {{expected panel to be a power of two, in bytes a multiple of 16, got 4 elements of 2 bytes}}
func.func private @shared_C4_piece(!gpu_tile.shared<64x64xbf16, panel = 4>)

// -----

gpu_tile.kernel @role_C1_negative(%block: index, %B: index, %T: index, %splits: index, %span: index) attributes {grid = #tile.grid<blocks = 1>, threads = 384 : i32, shared_bytes = 65536 : i32, arch = "sm_90a"} {
  // expected-error @below {{expected warps to be a power of two that divides first, got -1 from 0 on}}
  gpu_tile.role "a" first 0 warps -1 parts -1 {
  ^bb0(%i: index):
  }
  gpu_tile.return
}

// -----

gpu_tile.kernel @role_C3_negative(%block: index, %B: index, %T: index, %splits: index, %span: index) attributes {grid = #tile.grid<blocks = 1>, threads = 384 : i32, shared_bytes = 65536 : i32, arch = "sm_90a"} {
  // expected-error @below {{expected warps from 0 up to 12, got 4 to 0}}
  gpu_tile.role "a" first 4 warps 4 parts -1 {
  ^bb0(%i: index):
  }
  gpu_tile.return
}

// -----

gpu_tile.kernel @mbarriers_C2_negative(%block: index, %B: index, %T: index, %splits: index, %span: index) attributes {grid = #tile.grid<blocks = 1>, threads = 384 : i32, shared_bytes = 65536 : i32, arch = "sm_90a"} {
  // expected-error @below {{expected at least 1 arrival, got -1}}
  %0 = gpu_tile.mbarriers at 8 arrivals -1 : !gpu_tile.mbarriers<1>
  gpu_tile.return
}

// -----

gpu_tile.kernel @role_C2_groups(%block: index, %B: index, %T: index, %splits: index, %span: index) attributes {grid = #tile.grid<blocks = 1>, threads = 384 : i32, shared_bytes = 0 : i32, arch = "sm_90a"} {
  // expected-error @below {{expected registers to be a multiple of 8 from 24 to 256, for warps in fours, got 56 for 4 warps from 2 on}}
  gpu_tile.role "a" first 2 warps 2 parts 2 registers 56 {
  ^bb0(%i: index):
  }
  gpu_tile.return
}

// -----

gpu_tile.kernel @single_C1(%block: index, %B: index, %T: index, %splits: index, %span: index) attributes {grid = #tile.grid<blocks = 1>, threads = 384 : i32, shared_bytes = 0 : i32, arch = "sm_90a"} {
  // expected-error @below {{expected to be in a gpu_tile.role all of whose threads run the body}}
  gpu_tile.single {
  }
  gpu_tile.return
}

// -----

gpu_tile.kernel @single_C1_role(%block: index, %B: index, %T: index, %splits: index, %span: index) attributes {grid = #tile.grid<blocks = 1>, threads = 384 : i32, shared_bytes = 0 : i32, arch = "sm_90a"} {
  gpu_tile.role "a" first 0 warps 1 single {
  ^bb0(%i: index):
    // expected-error @below {{expected to be in a gpu_tile.role all of whose threads run the body}}
    gpu_tile.single {
    }
  }
  gpu_tile.return
}

// -----

gpu_tile.kernel @single_C2(%block: index, %B: index, %T: index, %splits: index, %span: index) attributes {grid = #tile.grid<blocks = 1>, threads = 384 : i32, shared_bytes = 0 : i32, arch = "sm_90a"} {
  gpu_tile.role "a" first 0 warps 4 {
  ^bb0(%i: index):
    gpu_tile.single {
      // expected-error @below {{expected scalars, barriers in shared memory and bulk copies to it in gpu_tile.single}}
      gpu_tile.barrier
    }
  }
  gpu_tile.return
}

// -----

!x = memref<?x?x64xbf16, strided<[?, ?, ?], offset: ?>>
gpu_tile.kernel @write_C3_warps(%block: index, %B: index, %T: index, %splits: index, %span: index, %x: !x) attributes {grid = #tile.grid<blocks = 1>, threads = 384 : i32, shared_bytes = 8192 : i32, arch = "sm_90a"} {
  %s = gpu_tile.alloc at 0 : !gpu_tile.shared<64x64xbf16, swizzle = 0>
  gpu_tile.role "a" first 0 warps 4 {
  ^bb0(%i: index):
    // expected-error @below {{expected strips of multiples of 16 bytes for 4 warps, got 2 of rows of 128 bytes}}
    gpu_tile.write %s to %x[0, 0, 0] dims [1, 2] limits [%T, 64] strips 2 : !gpu_tile.shared<64x64xbf16, swizzle = 0> -> !x
  }
  gpu_tile.return
}

// -----

!x = memref<?x?x16xbf16, strided<[?, ?, ?], offset: ?>>
gpu_tile.kernel @write_C3_bytes(%block: index, %B: index, %T: index, %splits: index, %span: index, %x: !x) attributes {grid = #tile.grid<blocks = 1>, threads = 384 : i32, shared_bytes = 8192 : i32, arch = "sm_90a"} {
  %s = gpu_tile.alloc at 0 : !gpu_tile.shared<64x16xbf16>
  gpu_tile.role "a" first 0 warps 4 {
  ^bb0(%i: index):
    // expected-error @below {{expected strips of multiples of 16 bytes for 4 warps, got 4 of rows of 32 bytes}}
    gpu_tile.write %s to %x[0, 0, 0] dims [1, 2] limits [%T, 16] strips 4 : !gpu_tile.shared<64x16xbf16> -> !x
  }
  gpu_tile.return
}
