// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Report.h"
#include "ReportHtml.h"
#include "Session.h"
#include "llvm/Support/FormatVariadic.h"

using namespace llvm;
using namespace mixc;

unsigned mixc::seriesOf(mixer::Algorithm algorithm) {
  switch (algorithm) {
  case mixer::Algorithm::Chunked:
    return 0;
  case mixer::Algorithm::Scan:
    return 1;
  case mixer::Algorithm::Quadratic:
    return 2;
  }
  llvm_unreachable("an algorithm without a colour");
}

static std::string sectionHtml(const ReportPart &part, StringRef id) {
  const Explanation &explanation = part.explanation;
  std::string made =
      formatv("<section id=\"{0}\">\n<h2>{1}</h2>\n<div class=\"verdict\">\n", id, escapeHtml(machineText(explanation.target)));
  for (const std::string &line : verdict(explanation))
    made += "<p>" + escapeHtml(line) + "</p>\n";
  made += "</div>\n";
  for (const DecayNote &note : explanation.decays)
    made += "<p>" + escapeHtml(decayText(note)) + "</p>\n";
  if (const PlanRow *chosen = explanation.chosen()) {
    made += termsHtml(*chosen, explanation.target, id);
    made += lengthsHtml(explanation, part.measured ? &*part.measured : nullptr, id);
    made += rooflineHtml(explanation, id);
  }
  if (part.measured)
    made += measuredHtml(*part.measured);
  return made + candidatesHtml(explanation) + machineHtml(explanation.target) + "</section>\n";
}

std::string mixc::reportPage(ArrayRef<ReportPart> parts) {
  const Explanation &first = parts.front().explanation;
  const std::string title = escapeHtml(first.spec + ": what the cost model predicts");
  std::string made = "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
                     "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>" +
                     title + "</title>\n<style>\n" + kReportStyle.str() + "</style>\n</head>\n<body>\n<main>\n<h1>" + title + "</h1>\n";
  made += formatv("<p>{0}; io tensors of {1}. Predicted by the model that a call chooses its plan by"
                  "{2}.</p>\n",
                  escapeHtml(sizesText(first.sizes)), escapeHtml(first.dtype), parts.front().measured ? "; measured where it says so" : "");
  if (parts.size() > 1) {
    made += "<nav aria-label=\"machines\"><ul>\n";
    for (auto [i, part] : enumerate(parts))
      made += formatv("<li><a href=\"#machine{0}\">{1}</a></li>\n", i, escapeHtml(machineText(part.explanation.target)));
    made += "</ul></nav>\n";
  }
  for (auto [i, part] : enumerate(parts))
    made += sectionHtml(part, formatv("machine{0}", i).str());
  return made + "</main>\n</body>\n</html>\n";
}
