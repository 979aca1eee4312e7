// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Corpus.h"
#include "mlir/Pass/PassRegistry.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include <set>

using namespace llvm;
using namespace mixc::fuzz;

//===--- Flags of mixer-opt ---===//

/// The words of a command line, without their quotes.
static std::vector<std::string> shellWords(StringRef line) {
  std::vector<std::string> words(1);
  char quote = 0;
  for (char c : line) {
    if (quote ? c == quote : c == '"' || c == '\'')
      quote = quote ? 0 : c;
    else if (c == ' ' && !quote)
      words.emplace_back();
    else
      words.back() += c;
  }
  return words;
}

/// `--tile-to-gpu=arch=sm_80 --cse` as tile-to-gpu{arch=sm_80},cse.
std::string mixc::fuzz::pipelineOf(StringRef flags) {
  std::string pipeline;
  for (StringRef word : shellWords(flags)) {
    if (!word.consume_front("-"))
      continue;
    word.consume_front("-");
    auto [name, options] = word.split('=');
    std::string pass = name.str();
    if (!options.empty())
      pass += "{" + options.str() + "}";
    if (name == "mixer-select") // which runs on specs: mixer-opt nests it
      pass = "mixer.spec(" + pass + ")";
    pipeline += (pipeline.empty() ? "" : ",") + pass;
  }
  return pipeline;
}

/// The passes of a RUN line's first mixer-opt, as flags; empty if there is none, or an option is a file of the test.
static std::string passesOfRunLine(StringRef line) {
  size_t start = line.find("mixer-opt ");
  if (!line.contains("RUN:") || start == StringRef::npos)
    return "";
  std::string flags;
  for (StringRef word : shellWords(line.substr(start).split('|').first)) {
    auto [name, options] = word.ltrim('-').split('=');
    if (!word.starts_with("-") || options.contains('%'))
      continue;
    if (mlir::PassInfo::lookup(name) || mlir::PassPipelineInfo::lookup(name))
      flags += (flags.empty() ? "--" : " --") + name.str() + (options.empty() ? "" : "=\"" + options.str() + "\"");
  }
  return flags;
}

//===--- Corpus ---===//

static void addFile(StringRef path, std::vector<Piece> &pieces) {
  auto buffer = MemoryBuffer::getFile(path, /*IsText=*/true);
  if (!buffer)
    return;
  StringRef text = (*buffer)->getBuffer();
  std::set<std::string> passes;
  SmallVector<StringRef> lines, parts;
  text.split(lines, '\n');
  for (StringRef line : lines)
    if (std::string found = passesOfRunLine(line); !found.empty())
      passes.insert(found);
  text.split(parts, "// -----");
  for (StringRef part : parts)
    if (!part.trim().empty() && part.size() < kLargestPiece)
      pieces.push_back({part.str(), {passes.begin(), passes.end()}});
}

/// The .mlir files below a directory of the source tree, in the order of their names.
std::vector<Piece> mixc::fuzz::readCorpus(ArrayRef<StringRef> directories) {
  std::set<std::string> paths;
  for (StringRef directory : directories) {
    std::error_code error;
    for (sys::fs::recursive_directory_iterator it(MIXC_SOURCE_DIR "/" + directory, error), end; it != end && !error; it.increment(error))
      if (sys::path::extension(it->path()) == ".mlir")
        paths.insert(it->path());
  }
  std::vector<Piece> pieces;
  for (const std::string &path : paths)
    addFile(path, pieces);
  return pieces;
}
