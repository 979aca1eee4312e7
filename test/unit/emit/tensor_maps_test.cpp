// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Tensor maps on their way from a kernel's attribute to the descriptor and the manifest.

#include "GpuCode.h"
#include "Header.h"
#include "Object.h"
#include "mlir/IR/Diagnostics.h"
#include "mlir/Parser/Parser.h"
#include "llvm/IR/Constants.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include <algorithm>
#include <cstring>

using namespace mixc;
using testing::ElementsAre;
using testing::HasSubstr;

namespace {

struct TensorMaps : testing::Test {
  TensorMaps() {
    mlir::DialectRegistry registry;
    registerCompilerDialects(registry);
    context.appendDialectRegistry(registry);
    context.loadAllAvailableDialects();
    tensors = {{"x", "BTHP", {MIXC_DIM_B, MIXC_DIM_T, 4, 64}, MIXC_BF16, false, false},
               {"h0", "BHPN", {MIXC_DIM_B, 4, 64, 128}, MIXC_F32, false, true}};
    variants.resize(2);
    variants[0].name = "chunked64";
    variants[0].device = MIXC_DEVICE_CUDA;
    variants[1] = variants[0];
    variants[1].name = "chunked64_sm_90a_parts2";
    variants[1].arch = 90;
    variants[1].archSpecific = true;
    for (int i = 0; i < 2; ++i) {
      variants[i].launches.resize(1);
      variants[i].launches[0].symbol = i ? "s__main" : "p__main";
    }
  }

  mlir::OwningOpRef<mlir::ModuleOp> parse(const std::string &program, const std::string &attributes) {
    return mlir::parseSourceString<mlir::ModuleOp>("gpu.module @" + program + " { llvm.func @" + program +
                                                       "__main() attributes {mixc.threads = 384 : i32, "
                                                       "mixc.shared_bytes = 200000 : i32" +
                                                       attributes + "} { llvm.return } }",
                                                   &context);
  }

  /// The first error, with these maps on the kernel of the second variant.
  std::string lower(const std::string &maps) {
    GpuPrograms programs{parse("p", ""), parse("s", ", mixc.tensor_maps = [" + maps + "]")};
    std::string error;
    mlir::ScopedDiagnosticHandler handler(&context, [&](mlir::Diagnostic &diagnostic) {
      if (error.empty())
        error = diagnostic.str();
      return mlir::success();
    });
    mlir::LogicalResult lowered = lowerToNvvm(programs, tensors, variants);
    EXPECT_EQ(failed(lowered), !error.empty());
    return error;
  }

  SpecInfo spec() {
    SpecInfo info;
    info.name = "spec";
    info.tensors = tensors;
    info.variants = variants;
    return info;
  }

  mlir::MLIRContext context;
  std::vector<TensorInfo> tensors;
  std::vector<VariantInfo> variants;
};

const char kMaps[] = "{tensor = 0 : i32, box = array<i64: 1, 128, 1, 64>, swizzle = 128 : i32}, "
                     "{tensor = 1 : i32, box = array<i64: 1, 1, 64, 4>, swizzle = 0 : i32}";

} // namespace

TEST_F(TensorMaps, AreReadFromTheKernel) {
  ASSERT_EQ(lower(kMaps), "");
  EXPECT_TRUE(variants[0].launches[0].maps.empty());
  EXPECT_EQ(variants[0].aligned, 0u);
  EXPECT_EQ(variants[0].arch, 90); // for its shared memory
  EXPECT_FALSE(variants[0].archSpecific);
  EXPECT_EQ(variants[1].arch, 90);
  EXPECT_TRUE(variants[1].archSpecific);
  EXPECT_EQ(variants[1].aligned, 3u);
  EXPECT_EQ(variants[1].launches[0].threads, 384);
  ASSERT_EQ(variants[1].launches[0].maps.size(), 2u);
  EXPECT_EQ(variants[1].launches[0].maps[0].tensor, 0);
  EXPECT_EQ(variants[1].launches[0].maps[0].swizzle, 128);
  EXPECT_THAT(variants[1].launches[0].maps[1].box, ElementsAre(1, 1, 64, 4));
}

TEST_F(TensorMaps, WrongOnesAreErrors) {
  EXPECT_THAT(lower("{tensor = 0 : i32, swizzle = 0 : i32}"), HasSubstr("mixc.tensor_maps: expected {tensor = i32, box"));
  EXPECT_THAT(lower("{tensor = 2 : i32, box = array<i64: 1>, swizzle = 0 : i32}"), HasSubstr("expected a tensor below 2, got 2"));
  EXPECT_THAT(lower("{tensor = 0 : i32, box = array<i64: 64, 64>, swizzle = 0 : i32}"), HasSubstr("'x': expected a box of 4 sizes, got 2"));
  EXPECT_THAT(lower("{tensor = 0 : i32, box = array<i64: 1, 257, 1, 64>, swizzle = 0 : i32}"),
              HasSubstr("'x': expected sizes of 1 to 256 in a box, got 257"));
  EXPECT_THAT(lower("{tensor = 0 : i32, box = array<i64: 1, 64, 1, 64>, swizzle = 96 : i32}"),
              HasSubstr("'x': expected a swizzle of 0, 32, 64 or 128 bytes, got 96"));
  EXPECT_THAT(lower("{tensor = 0 : i32, box = array<i64: 1, 64, 1, 128>, swizzle = 128 : i32}"),
              HasSubstr("'x': expected rows of 16-byte units within the swizzle, got 256 bytes"));
  EXPECT_THAT(lower("{tensor = 0 : i32, box = array<i64: 1, 64, 1, 4>, swizzle = 0 : i32}"),
              HasSubstr("'x': expected rows of 16-byte units, got 8 bytes"));
  std::string many = kMaps;
  for (int i = 0; i < 15; ++i)
    many += std::string(", {tensor = 0 : i32, box = array<i64: 1, 64, 1, 64>, swizzle = 128 : i32}");
  EXPECT_THAT(lower(many), HasSubstr("expected at most 16 maps, got 17"));
}

TEST_F(TensorMaps, AreInTheDescriptor) {
  ASSERT_EQ(lower(kMaps), "");
  llvm::LLVMContext llvmContext;
  llvm::Module module("spec", llvmContext);
  addInterface(module, spec());
  auto bytesOf = [&](llvm::StringRef name) {
    llvm::GlobalVariable *global = module.getNamedGlobal(name);
    std::string bytes;
    for (llvm::Value *piece : llvm::cast<llvm::ConstantStruct>(global->getInitializer())->operands())
      if (auto *data = llvm::dyn_cast<llvm::ConstantDataSequential>(piece))
        bytes += data->getRawDataValues();
      else
        bytes.append(sizeof(void *), '\0');
    return bytes;
  };
  std::string bytes = bytesOf("spec_tensor_maps");
  mixc_tensor_map_desc maps[2];
  ASSERT_EQ(bytes.size(), sizeof maps);
  std::memcpy(maps, bytes.data(), sizeof maps);
  EXPECT_EQ(maps[0].tensor, 0);
  EXPECT_EQ(maps[0].swizzle, 128);
  EXPECT_THAT(maps[0].box, ElementsAre(1, 128, 1, 64, 0));
  EXPECT_EQ(maps[1].tensor, 1);
  EXPECT_THAT(maps[1].box, ElementsAre(1, 1, 64, 4, 0));
  EXPECT_EQ(module.getNamedGlobal("spec_tensor_maps")->getNumUses(), 1u); // the launch's

  mixc_variant_desc described[2];
  bytes = bytesOf("spec_variants");
  ASSERT_EQ(bytes.size(), sizeof described);
  std::memcpy(static_cast<void *>(described), bytes.data(), sizeof described);
  EXPECT_EQ(described[0].aligned, 0u);
  EXPECT_EQ(described[0].arch_specific, 0);
  EXPECT_EQ(described[1].aligned, 3u);
  EXPECT_EQ(described[1].arch, 90);
  EXPECT_EQ(described[1].arch_specific, 1);
}

TEST_F(TensorMaps, AreInTheManifest) {
  ASSERT_EQ(lower(kMaps), "");
  std::string text = writeManifest(spec());
  text.erase(std::remove_if(text.begin(), text.end(), [](char c) { return c == ' ' || c == '\n'; }), text.end());
  EXPECT_THAT(text, HasSubstr(R"("tensor_maps":[{"box":[1,128,1,64],"swizzle_bytes":128,"tensor":"x"},)"
                              R"({"box":[1,1,64,4],"swizzle_bytes":0,"tensor":"h0"}])"));
  EXPECT_THAT(text, HasSubstr(R"("aligned":["x","h0"])"));
  EXPECT_THAT(text, HasSubstr(R"("arch":"sm_90a")"));
  EXPECT_THAT(text, HasSubstr(R"("aligned":[],"arch":"sm_90")"));
}
