// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Names in the generated header.

#include "Header.h"
#include "mixc/passes/CName.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

using namespace mixc;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

static SpecInfo specWith(std::vector<std::string> names) {
  SpecInfo info;
  info.name = info.spec = "spec";
  for (const std::string &name : names)
    info.tensors.push_back({name, "BTH", {MIXC_DIM_B, MIXC_DIM_T, 4}, MIXC_F32, false, false});
  return info;
}

TEST(Header, KeywordsAndSizesGetAnUnderscore) {
  std::string text = writeHeader(specWith({"int", "class", "T", "H", "sequences", "threads", "x"}));
  for (const char *member : {"mixc_const_tensor int_;", "mixc_const_tensor class_;", "mixc_const_tensor T_;", "mixc_const_tensor H_;",
                             "mixc_const_tensor sequences_;", "mixc_const_tensor threads_;", "mixc_const_tensor x;"})
    EXPECT_THAT(text, HasSubstr(member));
}

// What the headers declare or define would be no member, or not that one.
TEST(Header, NamesThatHeadersHaveGetAnUnderscore) {
  for (const char *name : {"NULL", "INT64_MAX", "UINT8_C", "SIZE_MAX", "PTRDIFF_MIN", "int64_t", "uint_fast8_t", "size_t", "MIXC_MAX_RANK",
                           "mixc_tensor", "mixc_const_tensor", "__func__", "_Bool", "_X", "CUstream", "spec_args"})
    EXPECT_THAT(writeHeader(specWith({name})), HasSubstr("mixc_const_tensor " + std::string(name) + "_;")) << name;
  for (const char *name : {"null", "INT", "int64", "mixc", "Mixc_x", "_x", "a__b", "spec", "G", "x_t", "intent"})
    EXPECT_THAT(writeHeader(specWith({name})), HasSubstr("mixc_const_tensor " + std::string(name) + ";")) << name;
}

TEST(Header, KeepsTheCaseOfItsName) {
  SpecInfo info = specWith({"x"});
  info.sizes = {{"H", 4}};
  info.name = "a";
  std::string small = writeHeader(info);
  info.name = "A";
  std::string capital = writeHeader(info);
  EXPECT_THAT(small, AllOf(HasSubstr("#ifndef MIXC_SPEC_a_H\n#define MIXC_SPEC_a_H\n"), HasSubstr("enum { a_H = 4 }")));
  EXPECT_THAT(capital, AllOf(HasSubstr("#ifndef MIXC_SPEC_A_H\n#define MIXC_SPEC_A_H\n"), HasSubstr("enum { A_H = 4 }")));
}

TEST(Header, UnderscoredNameThatIsTakenGetsAnother) {
  std::string text = writeHeader(specWith({"B", "B_"}));
  EXPECT_THAT(text, HasSubstr("mixc_const_tensor B__;"));
  EXPECT_THAT(text, HasSubstr("mixc_const_tensor B_;"));
}

TEST(Header, SaysWhatNullMeans) {
  SpecInfo info = specWith({"h0", "hT"});
  info.tensors[0].optional = info.tensors[1].optional = info.tensors[1].isResult = true;
  std::string text = writeHeader(info);
  EXPECT_THAT(text, HasSubstr("mixc_const_tensor h0; /* [B,T,H=4] f32; null: zeros */"));
  EXPECT_THAT(text, HasSubstr("mixc_tensor hT; /* result [B,T,H=4] f32; null: not wanted */"));
}

TEST(Header, UnitAndCommentFollow) {
  SpecInfo info = specWith({"g"});
  info.comment = "What it is. /* no end */\n\n  S_t = S_{t-1}";
  info.tensors[0].unit = "natural logarithm of the decay, at most 0";
  info.tensors[0].comment = "a */ b";
  std::string text = writeHeader(info);
  EXPECT_THAT(text, HasSubstr("/* [B,T,H=4] f32; natural logarithm of the decay, at most 0; a * / b */\n"));
  EXPECT_THAT(text, HasSubstr("\n *\n * What it is. / * no end * /\n *\n *   S_t = S_{t-1}\n */\n"));
}

TEST(Header, SaysWhichSpecWhereTheNameIsAnother) {
  SpecInfo info = specWith({"x"});
  info.source = "file.mlir";
  EXPECT_THAT(writeHeader(info), HasSubstr("from file.mlir. Link"));
  info.spec = "mixer";
  EXPECT_THAT(writeHeader(info), HasSubstr("from file.mlir, the spec mixer. Link"));
}

TEST(Header, SaysWhatAGpuMultipliesF32In) {
  SpecInfo info = specWith({"x"});
  info.dtype = "f32";
  EXPECT_THAT(writeHeader(info), Not(HasSubstr("On a GPU")));
  info.variants.resize(2);
  info.variants[0].device = MIXC_DEVICE_CPU;
  info.variants[1].device = MIXC_DEVICE_CUDA;
  info.variants[0].precision = info.variants[1].precision = "f32";
  EXPECT_THAT(writeHeader(info), HasSubstr("\n * On a GPU, products have the accuracy of f32.\n"));
  info.variants[1].precision = "tf32";
  EXPECT_THAT(writeHeader(info), HasSubstr("\n * On a GPU, products round their f32 operands to TF32"));
  info.dtype = "bf16";
  info.variants[1].precision = "f32";
  EXPECT_THAT(writeHeader(info), Not(HasSubstr("On a GPU")));
}

TEST(CName, WhatNoHeaderCanDeclare) {
  for (const char *name : {"mamba2", "Mamba", "a_b", "mix", "x1"})
    EXPECT_EQ(whyNotCName(name), "") << name;
  for (const char *name : {"", "1", "a-b", "\xc3\xa9", "a b", "int", "co_await", "linux", "_a", "a__b", "mixc", "MIXC_x", "mixc_x"})
    EXPECT_NE(whyNotCName(name), "") << name;
}

TEST(SpecComments, ParagraphsAboveTheSpecWithoutTheLicence) {
  auto read = [](llvm::StringRef text) { return readSpecComments(text, text.find("mixer.spec")); };
  EXPECT_EQ(read("mixer.spec").spec, "");
  EXPECT_EQ(read("// a\n\nmixer.spec").spec, "");
  EXPECT_EQ(read("// a\n// b\n  mixer.spec").spec, "a\nb");
  EXPECT_EQ(read("// Tag: SPDX-License-Identifier: x\r\n//\r\n// a\r\n//   b\r\n//\r\n//c\r\nmixer.spec").spec, "a\n  b\n\nc");
  EXPECT_EQ(read("x // no\n// \x01y\xff\nmixer.spec").spec, "y\xef\xbf\xbd");
}

TEST(SpecComments, AtArgumentsAndResults) {
  llvm::StringRef text = "mixer.spec @a(%x: [B] io, %y: [B], // of y ()\n // of z,\n // all of it\n %z: [B])\n"
                         "  -> (%o: [B] io) { // of o\n %p = x // not this\n";
  std::map<std::string, std::string> expected{{"y", "of y ()"}, {"z", "of z, all of it"}, {"o", "of o"}};
  std::map<std::string, std::string> comments;
  for (auto &[name, comment] : readSpecComments(text, 0).tensors)
    if (!comment.empty())
      comments[name] = comment;
  EXPECT_EQ(comments, expected);
  EXPECT_TRUE(readSpecComments("mixer.spec @a(%x", 0).tensors["x"].empty()); // cut off
}

TEST(SpecComments, SummaryIsTheFirstSentence) {
  EXPECT_EQ(summaryOf("Mamba-2, arXiv 2405.21060: a decay\nper head. More.\n  S_t"), "Mamba-2, arXiv 2405.21060: a decay per head");
  EXPECT_EQ(summaryOf("No stop\n  S_t = 1."), "No stop");
  EXPECT_EQ(summaryOf("One\n\nTwo."), "One");
  EXPECT_EQ(summaryOf(""), "");
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
