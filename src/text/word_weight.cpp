#include "text/word_weight.hpp"

#include <array>
#include <unordered_set>

#include "text/stem.hpp"

namespace mosaic::text {
namespace {

constexpr double kCommonWeight = 0.5;

/// Frequent in descriptions, specifications and abstracts alike.
constexpr auto kCommonWords = std::to_array<std::string_view>(
    {"ability",     "able",      "access",      "add",         "addition",     "advantage",
     "aim",         "allow",     "alternative", "analysis",    "application",  "apply",
     "appropriate", "approach",  "available",   "automatic",   "base",         "basic",
     "behavior",    "best",      "better",      "build",       "built",        "call",
     "case",        "certain",   "change",      "class",       "code",         "collection",
     "common",      "complete",  "complex",     "component",   "computer",     "consider",
     "contain",     "control",   "core",        "create",      "current",      "data",
     "define",      "describe",  "description", "design",      "detail",       "develop",
     "development", "different", "direct",      "discuss",     "distribution", "document",
     "easy",        "efficient", "element",     "end",         "environment",  "error",
     "example",     "exist",     "expect",      "extend",      "extension",    "external",
     "fast",        "feature",   "file",        "find",        "first",        "fixed",
     "following",   "form",      "format",      "found",       "framework",    "free",
     "full",        "function",  "future",      "general",     "generate",     "go",
     "good",        "handle",    "help",        "high",        "implement",    "implementation",
     "important",   "include",   "individual",  "information", "input",        "intend",
     "interface",   "internal",  "issue",       "known",       "large",        "later",
     "least",       "less",      "level",       "like",        "limit",        "line",
     "list",        "local",     "long",        "low",         "made",         "main",
     "major",       "make",      "making",      "manage",      "many",         "mean",
     "mechanism",   "method",    "mode",        "modern",      "module",       "multi",
     "multiple",    "name",      "necessary",   "need",        "new",          "next",
     "non",         "normal",    "note",        "now",         "number",       "object",
     "one",         "open",      "operate",     "operation",   "order",        "original",
     "output",      "package",   "parameter",   "part",        "particular",   "perform",
     "performance", "point",     "possible",    "present",     "problem",      "procedure",
     "process",     "produce",   "program",     "project",     "propose",      "provide",
     "purpose",     "range",     "real",        "reference",   "relate",       "require",
     "requirement", "result",    "rule",        "run",         "running",      "second",
     "see",         "separate",  "set",         "several",     "shared",       "show",
     "side",        "similar",   "simple",      "single",      "size",         "small",
     "software",    "solution",  "source",      "special",     "specific",     "specification",
     "standard",    "state",     "step",        "structure",   "suitable",     "support",
     "system",      "take",      "technique",   "term",        "test",         "text",
     "thing",       "three",     "time",        "together",    "tool",         "top",
     "two",         "type",      "usage",       "use",         "used",         "useful",
     "user",        "using",     "usual",       "utility",     "value",        "variable",
     "variety",     "various",   "version",     "way",         "well",         "wide",
     "word",        "work",      "write",       "written"});

std::unordered_set<std::string_view> stems_of_common_words() {
  std::unordered_set<std::string_view> stems;
  for (const auto word : kCommonWords) stems.insert(stem(word));
  return stems;
}

}  // namespace

double word_weight(std::string_view stem) {
  static const auto kCommonStems = stems_of_common_words();
  return kCommonStems.contains(stem) ? kCommonWeight : 1.0;
}

}  // namespace mosaic::text
