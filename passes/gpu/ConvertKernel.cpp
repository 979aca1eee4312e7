// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "ConvertKernel.h"
#include "RoleConverter.h"
#include "RoleTable.h"

using namespace mlir;
using namespace mixc;
using namespace mixc::gpu;
using namespace mixc::gpu_tile;

static Block *createEntry(OpBuilder &b, tile::KernelOp source, gpu_tile::KernelOp dest, IRMapping &arguments) {
  Block *entry = b.createBlock(&dest.getBody());
  for (BlockArgument arg : source.getBody().getArguments())
    arguments.map(arg, entry->addArgument(arg.getType(), arg.getLoc()));
  b.setInsertionPointToEnd(entry);
  return entry;
}

/// The loops over chunks with their channels; those that hand over the same have the same ones.
static void makeLoops(OpBuilder &b, RoleKernel &kernel) {
  for (ChunkWork &work : readChunkWork(kernel.source)) {
    auto same = llvm::find_if(kernel.loops, [&](const ChunkLoop &before) { return haveSameChannels(before.work, work); });
    const bool own = same == kernel.loops.end();
    Channels channels =
        own ? makeChannels(b, kernel.source, work, kernel.stages, kernel.parts) : channelsFor(work, same->channels, same->work);
    const int64_t rings = own ? kernel.depths.size() : same->rings;
    if (own)
      kernel.depths.push_back(channels.depths());
    kernel.loops.push_back({std::move(work), std::move(channels), rings});
  }
  BarrierOp::create(b, kernel.source.getLoc(), /*warp=*/false);
}

/// One thread fetches the tiles of coming chunks and another one writes results back, some warps compute a chunk's small tiles, one
/// warpgroup computes what products need that does not depend on the state, and one warpgroup for each part does the rest, its state in
/// registers; or teams of warps fetch, and compute all that does not depend on the state. They meet at channels. Each role does the work of
/// one block after the other, so that the next one's chunks are fetched while this one's last are computed.
static LogicalResult convertRoles(OpBuilder &b, RoleKernel &kernel) {
  makeLoops(b, kernel);
  kernel.dest.setThreads(kLanes * roleOf(kernel.source, Role::Compute).getEnd());
  auto has = [&](Role role) { return bool(roleOf(kernel.source, role)); };
  if (RoleAttr entry = roleOf(kernel.source, Role::Helpers)) {
    OpBuilder::InsertionGuard guard(b);
    createRole(b, entry, kernel.source.getLoc());
    Block *helpers = b.getInsertionBlock();
    auto point = [&] { return OpBuilder::atBlockEnd(helpers); };
    if (failed(convertFetch(kernel, point())) || (has(Role::Vectors) && failed(convertVectors(kernel, point()))) ||
        (has(Role::Flush) && failed(convertFlush(kernel, point()))))
      return failure();
  }
  if ((has(Role::Early) && failed(convertEarly(kernel, b))) || (has(Role::Factors) && failed(convertFactors(kernel, b))) ||
      failed(convertCompute(kernel, b)))
    return failure();
  ReturnOp::create(b, kernel.source.getLoc());
  return success();
}

LogicalResult mixc::gpu::convertKernel(tile::KernelOp source, gpu_tile::KernelOp dest, const Placement &placement, const KernelPlan &plan) {
  OpBuilder b(source.getContext());
  Placement placementOfTeams(source, plan.teamWarps);
  RoleKernel kernel{source, dest, placement, placementOfTeams, plan.stages, plan.parts};
  createEntry(b, source, dest, kernel.arguments);
  if (source->hasAttr(kRolesAttr))
    return failure(failed(placementOfTeams.run()) || failed(convertRoles(b, kernel)));
  if (plan.family.overlapsLaunches())
    AwaitLaunchOp::create(b, source.getLoc());
  AllWarps workers(b, int64_t(dest.getThreads()) / kLanes);
  TileValues values(b, TileTypes(placement), workers);
  values.names.scalars = kernel.arguments;
  return OpConverter(b, values, workers, plan.stages).convertBlock(source.getBody().front());
}
