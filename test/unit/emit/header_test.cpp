// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Names in the generated header.

#include "Header.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

using namespace mixc;
using testing::HasSubstr;

static SpecInfo specWith(std::vector<std::string> names) {
  SpecInfo info;
  info.name = "spec";
  for (const std::string &name : names)
    info.tensors.push_back({name, "BT", {MIXC_DIM_B, MIXC_DIM_T}, MIXC_F32, false, false});
  return info;
}

TEST(Header, KeywordsAndSizesGetAnUnderscore) {
  std::string text = writeHeader(specWith({"int", "class", "T", "x"}));
  for (const char *member : {"mixc_tensor int_;", "mixc_tensor class_;", "mixc_tensor T_;", "mixc_tensor x;"})
    EXPECT_THAT(text, HasSubstr(member));
}

TEST(Header, UnderscoredNameThatIsTakenGetsAnother) {
  std::string text = writeHeader(specWith({"B", "B_"}));
  EXPECT_THAT(text, HasSubstr("mixc_tensor B__;"));
  EXPECT_THAT(text, HasSubstr("mixc_tensor B_;"));
}

TEST(Header, SaysWhatNullMeans) {
  SpecInfo info = specWith({"h0", "hT"});
  info.tensors[0].optional = info.tensors[1].optional = info.tensors[1].isResult = true;
  std::string text = writeHeader(info);
  EXPECT_THAT(text, HasSubstr("mixc_tensor h0; /* [B,T] f32; null: zeros */"));
  EXPECT_THAT(text, HasSubstr("mixc_tensor hT; /* result [B,T] f32; null: not wanted */"));
}

TEST(Manifest, WorkspaceFormulaNamesEveryTerm) {
  SpecInfo info = specWith({"x"});
  VariantInfo variant;
  variant.device = MIXC_DEVICE_CPU;
  variant.buffers = {{{MIXC_DIM_B, MIXC_DIM_SPLITS, 4}, true}, {{MIXC_DIM_B, 8}, false}};
  variant.launches.resize(2);
  variant.launches[1].scratchBytes = 100;
  info.variants = {variant};
  EXPECT_THAT(writeManifest(info), HasSubstr("(splits > 1 ? round256(4 * B * splits * 4) : 0) + round256(4 * B * 8) + "
                                             "threads * round256(100) + 255"));
}
