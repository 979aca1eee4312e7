// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Arrays.h"
#include "Kind.h"
#include "Mutator.h"
#include "Process.h"
#include "mixc/npz/Npz.h"
#include "mixc/passes/Register.h"
#include "mlir/IR/MLIRContext.h"
#include "mlir/Parser/Parser.h"
#include <cstring>
#include <vector>
#include <zlib.h>

using namespace mixc::fuzz;

static const char kSpec[] = R"(mixer.spec @toy(%x: [B,T,H,P] io, %b: [B,T,H,N] io, %g: [B,T,H]) -> (%y: [B,T,H,P] io) {
  %y, %S = mixer.semiseparable x = %x, b = %b, c = %b, decay = %g
  mixer.return %y
}
)";

namespace {
/// A file of an archive as it is written: `size` and `crc` may lie.
struct Member {
  std::string name, data;
  bool deflated = false;
};
} // namespace

template <typename Int> static void put(std::string &out, Int value) {
  for (size_t i = 0; i < sizeof(Int); ++i)
    out += static_cast<char>(value >> (8 * i));
}

static std::string deflated(const std::string &data) {
  z_stream stream{};
  deflateInit2(&stream, 6, Z_DEFLATED, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY);
  std::string out(deflateBound(&stream, data.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef *>(const_cast<char *>(data.data()));
  stream.avail_in = static_cast<uInt>(data.size());
  stream.next_out = reinterpret_cast<Bytef *>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

/// What local and central headers have in common.
static std::string commonFields(const Member &member, size_t packed) {
  std::string out;
  put<uint16_t>(out, 20);
  put<uint16_t>(out, 0);
  put<uint16_t>(out, member.deflated ? 8 : 0);
  put<uint32_t>(out, 0);
  put<uint32_t>(out, crc32(0, reinterpret_cast<const Bytef *>(member.data.data()), static_cast<uInt>(member.data.size())));
  put<uint32_t>(out, packed);
  put<uint32_t>(out, member.data.size());
  put<uint16_t>(out, member.name.size());
  put<uint16_t>(out, 0);
  return out;
}

static std::string zip(const std::vector<Member> &members) {
  std::string out, central;
  for (const Member &member : members) {
    std::string packed = member.deflated ? deflated(member.data) : member.data;
    central += "PK\1\2" + std::string("\x14\0", 2) + commonFields(member, packed.size());
    central += std::string(10, '\0');
    put<uint32_t>(central, out.size());
    central += member.name;
    out += "PK\3\4" + commonFields(member, packed.size()) + member.name + packed;
  }
  size_t start = out.size();
  out += central + "PK\5\6" + std::string(4, '\0');
  put<uint16_t>(out, members.size());
  put<uint16_t>(out, members.size());
  put<uint32_t>(out, central.size());
  put<uint32_t>(out, start);
  put<uint16_t>(out, 0);
  return out;
}

static std::string npy(mixc::npz::DType dtype, std::vector<int64_t> shape) {
  size_t count = 1;
  for (int64_t size : shape)
    count *= static_cast<size_t>(size);
  auto bytes = mixc::npz::formatNpy(mixc::npz::Array::fromDoubles(dtype, std::move(shape), std::vector<double>(count, 0.5)));
  return {bytes.begin(), bytes.end()};
}

namespace {
class Archives : public Kind {
public:
  explicit Archives(const std::string &mixc) : mixc(mixc), mutator({header}), context(dialects(), mlir::MLIRContext::Threading::DISABLED) {
    module = mlir::parseSourceString<mlir::ModuleOp>(kSpec, &context);
    using mixc::npz::DType;
    for (DType dtype : {DType::F32, DType::F64, DType::BF16, DType::I64})
      bases.push_back({{"x.npy", npy(dtype, {2, 5, 2, 16})}, {"b.npy", npy(dtype, {2, 5, 2, 16}), true}, {"g.npy", npy(dtype, {2, 5, 2})}});
  }

  std::string make(Random &random) const override {
    std::vector<Member> members = bases[random.below(bases.size())];
    size_t what = random.below(4);
    if (what <= 1)
      changeArray(random.pick(members).data, random);
    if (what == 1)
      changeMembers(members, random);
    std::string archive = zip(members);
    if (what >= 2)
      changeFields(archive, random);
    return archive;
  }

  void run(const std::string &input) const override {
    std::vector<uint8_t> bytes(input.begin(), input.end()); // of exactly this size, for the address sanitizer
    mixc::npz::Archive archive;
    std::string error;
    (void)mixc::npz::parseNpz("mutant", bytes.data(), bytes.size(), archive, error);
    writeFile("in.npz", input);
    checkBinding();
    // A process costs much more than the reader.
    if (crc32(0, bytes.data(), static_cast<uInt>(bytes.size())) % 32)
      return;
    writeFile("toy.mlir", kSpec);
    runProgram({mixc, "run", "toy.mlir", "--in=in.npz", "--check"}, /*largestCode=*/4);
  }

  const char *ending() const override { return "npz"; }
  bool isText() const override { return false; }

private:
  static constexpr const char *header =
      "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 5, 2, 16), } {'descr': '>f8', 'fortran_order': True, 'shape': (), "
      "'descr': '|V2' '<u2' '<i8' '|b1' '<f2' (1,) (0,) (-1, 3) }";

  /// What `mixc run --in` does before it compiles: arrays as f32, sizes from their shapes.
  void checkBinding() const {
    auto arrays = mixc::readArrays("in.npz");
    if (!arrays)
      return llvm::consumeError(arrays.takeError());
    std::map<std::string, int64_t> sizes;
    llvm::consumeError(mixc::inferSizes(*module.get().getOps<mixc::mixer::SpecOp>().begin(), *arrays, sizes));
  }

  void changeArray(std::string &data, Random &random) const {
    size_t end = std::min(data.find('\n', 10), data.size() - 1);
    switch (random.below(4)) {
    case 0:
      mutateBytes(data, random);
      break;
    case 1:
      data.resize(random.below(data.size() + 1));
      break;
    default: {
      std::string text = mutator.mutate(data.substr(10, end - 10), random).substr(0, 60000);
      if (!random.once(8)) { // the header's length is right
        data[8] = static_cast<char>(text.size() + 1);
        data[9] = static_cast<char>((text.size() + 1) >> 8);
      }
      data = data.substr(0, 10) + text + data.substr(end);
    }
    }
  }

  static void changeMembers(std::vector<Member> &members, Random &random) {
    Member copy = random.pick(members);
    switch (random.below(5)) {
    case 0:
      members.push_back(copy);
      break;
    case 1:
      members.erase(members.begin() + random.below(members.size()));
      break;
    case 2:
      members.push_back({"notes.txt", "text", true});
      break;
    case 3:
      members.push_back({"zeros.npy", npy(mixc::npz::DType::F32, {1 << 18}), true});
      break;
    case 4:
      mutateBytes(random.pick(members).name, random);
      break;
    }
  }

  /// Numbers of the archive's own structures, which begin with PK.
  static void changeFields(std::string &archive, Random &random) {
    static const uint32_t strange[] = {0, 1, 8, 0xffff, 0x10000, 0x7fffffff, 0x80000000, 0xfffffffe, 0xffffffff};
    do {
      std::vector<size_t> headers;
      for (size_t at = archive.find("PK"); at != std::string::npos; at = archive.find("PK", at + 1))
        headers.push_back(at);
      if (headers.empty() || random.once(4)) {
        mutateBytes(archive, random);
        continue;
      }
      size_t at = random.pick(headers) + random.below(48), width = size_t(1) << random.below(3);
      uint32_t value = strange[random.below(9)] + static_cast<uint32_t>(random.once(3) ? random.below(64) : 0);
      for (size_t i = 0; i < width && at + i < archive.size(); ++i)
        archive[at + i] = static_cast<char>(value >> (8 * i));
    } while (random.once(2));
  }

  static mlir::DialectRegistry dialects() {
    mlir::DialectRegistry registry;
    mixc::registerAllDialects(registry);
    return registry;
  }

  std::string mixc;
  Mutator mutator;
  std::vector<std::vector<Member>> bases;
  mlir::MLIRContext context;
  mlir::OwningOpRef<mlir::ModuleOp> module; ///< kSpec
};
} // namespace

std::unique_ptr<Kind> mixc::fuzz::makeArchives(const std::string &mixc) { return std::make_unique<Archives>(mixc); }
