!x = memref<?x?x64xbf16, strided<[?, ?, ?], offset: ?>>
!o = memref<?x?xf32, strided<[?, ?], offset: ?>>
tile.program @p of @spec plan #mixer.algorithm<chunked, chunk = 64, operand = bf16, stages = 2, warps = 4, family = sm_90a> buffers [] {
  tile.kernel @staged(%block: index, %B: index, %T: index, %splits: index, %span: index, %x: !x, %o: !o) attributes {grid = #tile.grid<blocks = 1>} {
    %c0 = arith.constant 0 : index
    %c64 = arith.constant 64 : index
    %zero = arith.constant dense<0.0> : tensor<64x64xf32>
    %sum = scf.for %i = %c0 to %T step %c64 iter_args(%s = %zero) -> (tensor<64x64xf32>) {
      %a = tile.load %x[0, %i, 0] dims [1, 2] limits [64, 64] : !x -> tensor<64x64xbf16>
      %next = linalg.contract indexing_maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (n, k)>, affine_map<(m, n, k) -> (m, n)>]
        ins(%a, %a : tensor<64x64xbf16>, tensor<64x64xbf16>) outs(%s : tensor<64x64xf32>) -> tensor<64x64xf32>
      scf.yield %next : tensor<64x64xf32>
    }
    tile.store %sum, %o[0, 0] dims [0, 1] limits [64, 64] : tensor<64x64xf32> -> !o
    tile.return
  }
}
