// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The roles that warps can have. A file of its own, so that a header can be made of it alone.

#ifndef MIXC_DIALECT_GPU_TILE_ROLES
#define MIXC_DIALECT_GPU_TILE_ROLES

include "mlir/IR/EnumAttr.td"

def GpuTile_Role : I32EnumAttr<"Role", "what warps of a block do", [
    I32EnumAttrCase<"Helpers", 0, "helpers">,
    I32EnumAttrCase<"Fetch", 1, "fetch">,
    I32EnumAttrCase<"Vectors", 2, "vectors">,
    I32EnumAttrCase<"Flush", 3, "flush">,
    I32EnumAttrCase<"Early", 4, "early">,
    I32EnumAttrCase<"Factors", 5, "factors">,
    I32EnumAttrCase<"Compute", 6, "compute">]> {
  let cppNamespace = "::mixc::gpu_tile";
  let genSpecializedAttr = 0;
}

#endif // MIXC_DIALECT_GPU_TILE_ROLES
