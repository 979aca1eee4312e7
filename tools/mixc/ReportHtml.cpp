// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "ReportHtml.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/FormatVariadic.h"

using namespace llvm;
using namespace mixc;

std::string mixc::escapeHtml(StringRef text) {
  std::string escaped;
  for (char c : text)
    switch (c) {
    case '&':
      escaped += "&amp;";
      break;
    case '<':
      escaped += "&lt;";
      break;
    case '>':
      escaped += "&gt;";
      break;
    case '"':
      escaped += "&quot;";
      break;
    case '\'':
      escaped += "&#39;";
      break;
    default:
      escaped += c;
    }
  return escaped;
}

std::string mixc::dataHtml(double value, StringRef text) {
  return formatv("<data value=\"{0}\">{1}</data>", format("%.17g", value), escapeHtml(text));
}

HtmlTable::HtmlTable(StringRef caption, std::vector<std::string> header, std::vector<unsigned> text)
    : caption(caption.str()), header(std::move(header)), text(std::move(text)) {}

bool HtmlTable::isText(unsigned column) const { return column == 0 || is_contained(text, column); }

void HtmlTable::add(std::vector<std::string> cells, StringRef rowClass) {
  body += rowClass.empty() ? "<tr>" : formatv("<tr class=\"{0}\">", rowClass).str();
  for (auto [i, cell] : enumerate(cells))
    body += i == 0 ? "<th scope=\"row\">" + cell + "</th>" : (isText(i) ? "<td class=\"text\">" : "<td>") + cell + "</td>";
  body += "</tr>\n";
}

std::string HtmlTable::str() const {
  // One that is wider than the page scrolls by itself, by the keyboard as well.
  std::string made =
      formatv("<div class=\"scroll\" role=\"region\" tabindex=\"0\" aria-label=\"{0}\"><table>\n<caption>{0}</caption>\n<thead><tr>",
              escapeHtml(caption));
  for (auto [i, cell] : enumerate(header))
    made += (isText(i) ? "<th scope=\"col\" class=\"text\">" : "<th scope=\"col\">") + cell + "</th>";
  return made + "</tr></thead>\n<tbody>\n" + body + "</tbody></table></div>\n";
}
