// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What a tile kernel does, counted from its ops: operations, exponentials, bytes. The cost model, `mixc explain` and the tests count with
// this alone, so that a program nobody has seen is costed as the ones that come along.
#pragma once

#include "mixc/dialect/Tile.h"
#include "llvm/ADT/MapVector.h"

namespace mixc {

/// What ops cost on a machine besides the operations that all machines do: how many operations, and for how many seconds the warps of a
/// block wait for each other, where other blocks of the unit must fill the time.
struct OpCosts {
  int64_t lanes = 1;          ///< of a scan's vectors, which compute idle ones too
  int64_t warps = 0;          ///< that share a block's products and read their operands from shared memory; 0 on a CPU
  double elementwise = 1;     ///< share of scalar and special operations that products do not hide
  int64_t sector = 1;         ///< bytes that memory is read and written by, where that counts
  double lag = 0;             ///< operations of an element of a lag, with its level, factor and remainder
  double correction = 0;      ///< operations of a rank-1 correction of an entry of a scan's state
  double iteration = 0;       ///< seconds of a trip of the loop over tokens
  double product = 0;         ///< of a matrix product
  double tokenSum = 0;        ///< of a running sum over tokens
  double spanRow = 0;         ///< of a token of spans
  double solvedRow = 0;       ///< of a row of a triangular system
  double reversedLine = 0;    ///< of 128 bytes of a tile of a reversed tensor, which is copied row by row
  double scanToken = 0;       ///< of a token of a scan
  double scanInstruction = 0; ///< of an instruction of a scan's thread, which has columns of the state's rows
  double scanLevel = 0;       ///< of a level of an associative scan
  double bareStates = 1;      ///< times as long as a copy that states take which a block moves before and after its tokens
};

/// Of one block, all its parts together.
struct Work {
  double matrix = 0;   ///< flops in matrix products
  double operands = 0; ///< bytes of products' operands that the block's warps read from shared memory
  double scalar = 0;   ///< other f32 operations
  double special = 0;  ///< exp, log, ...
  double waiting = 0;  ///< seconds in which the block's warps wait for each other
  struct Moved {
    double bytes = 0;
    bool loads = false, stores = false;
  };
  /// Bytes to or from each of the kernel's memrefs, by its number; not of loads and stores that a call may leave out.
  llvm::MapVector<unsigned, Moved> moved;

  void add(const Work &other, double times);
};

struct KernelWork {
  Work once;          ///< outside the loop over tokens
  Work iteration;     ///< of one trip of it
  int64_t tokens = 0; ///< by which the loop goes on; 1 where it counts blocks of rows, 0 without a loop
  int64_t trips = 1;  ///< of the loop for each of what its end is a multiple of
};

KernelWork countWork(tile::KernelOp kernel, const OpCosts &costs);

} // namespace mixc
