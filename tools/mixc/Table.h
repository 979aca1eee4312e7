// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A table in plain text, its columns as wide as their widest cell, and numbers of things.
#pragma once

#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/raw_ostream.h"
#include <string>
#include <vector>

namespace mixc {

/// "1 segment", "3 segments"
inline std::string counted(int64_t number, llvm::StringRef what) {
  return std::to_string(number) + " " + what.str() + (number == 1 ? "" : "s");
}

class Table {
public:
  explicit Table(std::vector<std::string> header) : rows{std::move(header)}, left(rows[0].size(), false) {}
  /// These columns are text; numbers stand at the right.
  void leftAlign(std::initializer_list<unsigned> columns) {
    for (unsigned column : columns)
      left[column] = true;
  }
  void add(std::vector<std::string> row) { rows.push_back(std::move(row)); }

  void print(llvm::raw_ostream &os) const {
    std::vector<size_t> widths(left.size(), 0);
    for (const auto &row : rows)
      for (size_t i = 0; i < row.size(); ++i)
        widths[i] = std::max(widths[i], row[i].size());
    for (const auto &row : rows) {
      std::string line;
      for (size_t i = 0; i < row.size(); ++i) {
        std::string padding(widths[i] - row[i].size(), ' ');
        line += "  " + (left[i] ? row[i] + padding : padding + row[i]);
      }
      os << llvm::StringRef(line).rtrim() << "\n";
    }
  }

private:
  std::vector<std::vector<std::string>> rows;
  std::vector<bool> left;
};

} // namespace mixc
