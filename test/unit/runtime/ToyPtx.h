// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The toy spec's scan variant as PTX text, for a real GPU: the same kernels as ToySpec.h, one thread per column.

#ifndef MIXC_TEST_UNIT_RUNTIME_TOYPTX_H
#define MIXC_TEST_UNIT_RUNTIME_TOYPTX_H

#include <string>
#include <vector>

namespace toy {

constexpr int numParams = 31;
// Where each tensor's address stands in the parameter list; its strides follow.
enum Param { ptxX = 9, ptxH0 = 13, ptxY = 16, ptxHT = 20, ptxSums = 23, ptxStarts = 27 };

inline std::string param(int i) { return "[p" + std::to_string(i) + "]"; }

// %address = address of the element with those index registers.
inline std::string addressOf(Param tensor, const std::vector<std::string> &index) {
  std::string text = "  mov.u64 %offset, 0;\n";
  for (size_t d = 0; d < index.size(); ++d)
    text += "  ld.param.u64 %stride, " + param(tensor + 1 + static_cast<int>(d)) + ";\n  mad.lo.s64 %offset, " + index[d] +
            ", %stride, %offset;\n";
  return text + "  ld.param.u64 %base, " + param(tensor) + ";\n  mad.lo.s64 %address, %offset, 4, %base;\n";
}

inline std::string load(const std::string &value, Param tensor, const std::vector<std::string> &index) {
  return addressOf(tensor, index) + "  ld.global.f32 " + value + ", [%address];\n";
}

inline std::string store(Param tensor, const std::vector<std::string> &index) {
  return addressOf(tensor, index) + "  st.global.f32 [%address], %state;\n";
}

// The same unless the tensor's address is null.
inline std::string ifPresent(Param tensor, const std::string &label, const std::string &text) {
  return "  ld.param.u64 %base, " + param(tensor) + ";\n  setp.eq.u64 %skip, %base, 0;\n  @%skip bra " + label + ";\n" + text + label +
         ":\n";
}

// Block (b, s) or, if not split, block b; %i the column; the body starts from %state = 0.
inline std::string kernel(const std::string &name, bool split, const std::string &body) {
  std::string text = ".visible .entry " + name + "(";
  for (int i = 0; i < numParams; ++i)
    text += std::string(i ? ", " : "") + ".param .u64 p" + std::to_string(i);
  text += ") {\n  .reg .u32 %r;\n  .reg .f32 %state, %x;\n  .reg .pred %skip, %done;\n"
          "  .reg .s64 %b, %s, %i, %t, %end, %T, %splits, %span, %offset, %stride, %base, %address;\n"
          "  mov.f32 %state, 0f00000000;\n  mov.u32 %r, %tid.x;\n  cvt.u64.u32 %i, %r;\n  mov.u32 %r, %ctaid.x;\n"
          "  cvt.u64.u32 %b, %r;\n  ld.param.u64 %T, [p1];\n  ld.param.u64 %splits, [p2];\n  ld.param.u64 %span, [p3];\n";
  if (split)
    text += "  rem.s64 %s, %b, %splits;\n  div.s64 %b, %b, %splits;\n  mul.lo.s64 %t, %s, %span;\n"
            "  add.s64 %end, %t, %span;\n  min.s64 %end, %end, %T;\n";
  return text + body + "  ret;\n}\n";
}

// while (index < end) { body; ++index; }
inline std::string loop(const std::string &index, const std::string &end, const std::string &body) {
  return "next:\n  setp.ge.s64 %done, " + index + ", " + end + ";\n  @%done bra finished;\n" + body + "  add.s64 " + index + ", " + index +
         ", 1;\n  bra next;\nfinished:\n";
}

inline std::string scanPtx() {
  std::string add = "  add.f32 %state, %state, %x;\n";
  std::string addToken = load("%x", ptxX, {"%b", "%t", "%i"}) + add;
  std::string initial = ifPresent(ptxH0, "no_initial", load("%state", ptxH0, {"%b", "%i"}));
  std::string sums = loop("%t", "%end", addToken) + store(ptxSums, {"%b", "%s", "%i"});
  std::string scan = initial + "  mov.u64 %s, 0;\n" +
                     loop("%s", "%splits", store(ptxStarts, {"%b", "%s", "%i"}) + load("%x", ptxSums, {"%b", "%s", "%i"}) + add);
  std::string outputs = "  setp.eq.s64 %skip, %splits, 1;\n  @%skip bra one_pass;\n" + load("%state", ptxStarts, {"%b", "%s", "%i"}) +
                        "  bra started;\none_pass:\n" + initial + "started:\n" +
                        loop("%t", "%end", addToken + store(ptxY, {"%b", "%t", "%i"})) +
                        "  add.s64 %s, %s, 1;\n  setp.ne.s64 %skip, %s, %splits;\n  @%skip bra no_final;\n" +
                        ifPresent(ptxHT, "no_final", store(ptxHT, {"%b", "%i"}));
  return ".version 7.0\n.target sm_80\n.address_size 64\n" + kernel("toy_sums", true, sums) + kernel("toy_scan", false, scan) +
         kernel("toy_outputs", true, outputs);
}

} // namespace toy

#endif // MIXC_TEST_UNIT_RUNTIME_TOYPTX_H
