// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A C function around mamba_ssm's forward kernel of Mamba-1, for peers.py: bf16, real A, B and C of all channels, D, z, softplus and
// a bias, more than 1024 tokens. Of its sources only selective_scan_fwd_kernel.cuh and what that includes are needed.

#include "selective_scan_fwd_kernel.cuh"
#include <cstdint>

// sizes: batch, channels, tokens, state. pointers: u, delta, A, B, C, D, z, delta_bias, out, out_z, states; all contiguous.
extern "C" int selective_scan_forward(const int64_t *sizes, void *const *pointers, cudaStream_t stream) {
  const int64_t batch = sizes[0], channels = sizes[1], tokens = sizes[2], state = sizes[3];
  if (tokens <= 1024)
    return 1;
  SSMParamsBase params{};
  params.batch = static_cast<int>(batch);
  params.dim = static_cast<int>(channels);
  params.seqlen = static_cast<int>(tokens);
  params.dstate = static_cast<int>(state);
  params.n_groups = 1;
  params.n_chunks = static_cast<int>((tokens + 2047) / 2048);
  params.dim_ngroups_ratio = params.dim;
  params.is_variable_B = params.is_variable_C = params.delta_softplus = true;
  params.A_d_stride = state;
  params.A_dstate_stride = 1;
  params.B_batch_stride = params.C_batch_stride = params.B_group_stride = params.C_group_stride = state * tokens;
  params.B_dstate_stride = params.C_dstate_stride = tokens;
  params.u_batch_stride = params.delta_batch_stride = params.z_batch_stride = channels * tokens;
  params.out_batch_stride = params.out_z_batch_stride = channels * tokens;
  params.u_d_stride = params.delta_d_stride = params.z_d_stride = params.out_d_stride = params.out_z_d_stride = tokens;
  params.u_ptr = pointers[0];
  params.delta_ptr = pointers[1];
  params.A_ptr = pointers[2];
  params.B_ptr = pointers[3];
  params.C_ptr = pointers[4];
  params.D_ptr = pointers[5];
  params.z_ptr = pointers[6];
  params.delta_bias_ptr = pointers[7];
  params.out_ptr = pointers[8];
  params.out_z_ptr = pointers[9];
  params.x_ptr = pointers[10];
  using Traits = Selective_Scan_fwd_kernel_traits<128, 16, 1, /*even*/ false, true, true, /*z*/ true, at::BFloat16, float>;
  using EvenTraits = Selective_Scan_fwd_kernel_traits<128, 16, 1, /*even*/ true, true, true, /*z*/ true, at::BFloat16, float>;
  auto launch = [&](auto traits, auto kernel) {
    using T = decltype(traits);
    constexpr int bytes = T::kSmemSize + MAX_DSTATE * sizeof(typename T::scan_t);
    if (bytes >= 48 * 1024)
      cudaFuncSetAttribute(kernel, cudaFuncAttributeMaxDynamicSharedMemorySize, bytes);
    kernel<<<dim3(batch, channels), T::kNThreads, bytes, stream>>>(params);
  };
  if (tokens % 2048 == 0)
    launch(EvenTraits{}, &selective_scan_fwd_kernel<EvenTraits>);
  else
    launch(Traits{}, &selective_scan_fwd_kernel<Traits>);
  return cudaGetLastError() != cudaSuccess;
}
