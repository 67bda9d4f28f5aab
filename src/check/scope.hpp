// What the parts of a check share: the folder, the findings so far, how far it is. Owned by
// check_folder; one thread, but for the progress.
#pragma once

#include <filesystem>
#include <functional>
#include <string>

#include "base/check_report.hpp"

namespace mosaic::check {

class Scope {
 public:
  Scope(std::filesystem::path root, CheckProgress& progress)
      : root_(std::move(root)), progress_(progress) {}

  const std::filesystem::path& root() const { return root_; }
  CheckReport& report() { return report_; }

  /// Keeps a note, or damage of the truth, about `file`, which is below the folder.
  void find(Severity severity, const std::filesystem::path& file, std::string place,
            std::string what, std::string lost = {}) {
    report_.findings.push_back({severity,
                                name_of(file),
                                std::move(place),
                                std::move(what),
                                std::move(lost),
                                {},
                                Remedy::kNone});
  }
  /// Likewise damage of what can be made anew.
  void find_derived(Remedy remedy, const std::filesystem::path& file, std::string place,
                    std::string what) {
    report_.findings.push_back(
        {Severity::kDerived, name_of(file), std::move(place), std::move(what), {}, {}, remedy});
  }
  std::string name_of(const std::filesystem::path& file) const {
    return file.lexically_relative(root_).string();
  }

  /// For readers of files.
  std::function<void(std::uint64_t)> bytes_read() {
    return [this](std::uint64_t bytes) { progress_.bytes += bytes; };
  }
  CheckProgress& progress() { return progress_; }

 private:
  const std::filesystem::path root_;
  CheckProgress& progress_;
  CheckReport report_;
};

}  // namespace mosaic::check
