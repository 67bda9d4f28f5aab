// Runs `mosaic` inside the test against a fake node and keeps what it wrote.
#pragma once

#include <gtest/gtest.h>
#include <zlib.h>

#include <fstream>
#include <functional>
#include <mutex>
#include <nlohmann/json.hpp>
#include <sstream>

#include "cli/app.hpp"
#include "support/fake_http_server.hpp"
#include "support/temporary_folder.hpp"

namespace mosaic::cli {

struct Outcome {
  int exit_code = -1;
  std::string out;
  std::string err;
};

inline Outcome run_mosaic(const std::vector<std::string>& words,
                          const Environment& environment = {}, const Serve& serve = nullptr,
                          const Terminal& terminal = {}) {
  std::ostringstream out;
  std::ostringstream err;
  const Console console{out, err, terminal, {}};
  const int code = run(words, environment, console, serve);
  return {code, out.str(), err.str()};
}

class CommandTest : public testing::Test {
 protected:
  using Handler = std::function<std::string(const test::FakeRequest&)>;

  /// Starts the node; every request is kept in requests().
  void serve(Handler handler) {
    server_ = std::make_unique<test::FakeHttpServer>(
        [this, handler = std::move(handler)](const test::FakeRequest& request) {
          {
            const std::lock_guard lock(mutex_);
            requests_.push_back(request);
          }
          return handler(request);
        });
  }

  /// Runs a client command against the node.
  Outcome mosaic(std::vector<std::string> words, const Terminal& terminal = {}) {
    return run_mosaic(words, {{"MOSAIC_URL", server_->url()}}, nullptr, terminal);
  }

  std::vector<test::FakeRequest> requests() {
    const std::lock_guard lock(mutex_);
    return requests_;
  }

  std::string file(const std::string& name, const std::string& text) {
    const auto path = (folder_.path() / name).string();
    if (name.size() > 3 && name.substr(name.size() - 3) == ".gz") {
      gzFile out = gzopen(path.c_str(), "wb");
      gzwrite(out, text.data(), static_cast<unsigned>(text.size()));
      gzclose(out);
    } else {
      std::ofstream(path, std::ios::binary) << text;
    }
    return path;
  }

  std::string content(const std::string& name) {
    std::ifstream in(folder_.path() / name, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }

  test::TemporaryFolder folder_;

 private:
  std::mutex mutex_;
  std::vector<test::FakeRequest> requests_;
  std::unique_ptr<test::FakeHttpServer> server_;
};

inline std::string problem_answer(int status, const std::string& code, const std::string& detail,
                                  const std::string& headers = "") {
  const nlohmann::json body = {{"status", status}, {"code", code}, {"detail", detail}};
  return test::http_answer(status, body.dump(), headers);
}

}  // namespace mosaic::cli
