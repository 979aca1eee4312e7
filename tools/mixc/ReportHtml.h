// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The pieces of HTML that the page of a report is put together of.
#pragma once

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"
#include <string>
#include <vector>

namespace mixc {

/// Text as it stands in an element or in a quoted attribute.
std::string escapeHtml(llvm::StringRef text);

/// `<data value="1.23e-05">12.3 us</data>`: a number as it is read, with the whole of it for programs.
std::string dataHtml(double value, llvm::StringRef text);

/// A table whose first column has the rows' headers. Cells and headers are HTML.
class HtmlTable {
public:
  /// `caption` is plain text; `text`: the columns that are no numbers, beside the first.
  HtmlTable(llvm::StringRef caption, std::vector<std::string> header, std::vector<unsigned> text = {});
  void add(std::vector<std::string> cells, llvm::StringRef rowClass = "");
  std::string str() const;

private:
  bool isText(unsigned column) const;
  std::string caption;
  std::vector<std::string> header;
  std::vector<unsigned> text;
  std::string body;
};

/// The page's style sheet: light and dark, as the reader's system has it.
extern const llvm::StringLiteral kReportStyle;

} // namespace mixc
