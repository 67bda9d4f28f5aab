// tests/system/s3_stub.py as a process of its own, for as long as a test: an S3 server that
// verifies signatures by code that shares nothing with ours.
#pragma once

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <string>
#include <vector>

#include "net/http_client.hpp"

namespace mosaic::test {

constexpr char kStubAccessKey[] = "AKIAMOSAICSTUBTESTS1";
constexpr char kStubSecretKey[] = "stub/secret+key/for/tests/only/0123456789";
constexpr char kStubRegion[] = "eu-central-1";
constexpr char kStubBucket[] = "stub-bucket";

class S3Stub {
 public:
  explicit S3Stub(std::vector<std::string> arguments = {}) {
    arguments.insert(arguments.begin(), {"python3", "-B", MOSAIC_S3_STUB});
    int in[2];
    int out[2];
    if (::pipe2(in, O_CLOEXEC) != 0 || ::pipe2(out, O_CLOEXEC) != 0) std::abort();
    pid_ = ::fork();
    if (pid_ == 0) run(arguments, in[0], out[1]);
    ::close(in[0]);
    ::close(out[1]);
    stdin_ = in[1];
    char c = 0;
    while (::read(out[0], &c, 1) == 1 && c != '\n') port_ += c;
    ::close(out[0]);
    if (port_.empty()) std::abort();
  }

  ~S3Stub() {
    ::close(stdin_);  // It ends with its input.
    ::waitpid(pid_, nullptr, 0);
  }

  S3Stub(const S3Stub&) = delete;
  S3Stub& operator=(const S3Stub&) = delete;

  std::string endpoint(const std::string& host = "127.0.0.1") const {
    return "http://" + host + ":" + port_;
  }

  /// A JSON list of faults; the script says which there are. Forgets the log, too.
  void set_faults(const std::string& json) { control("POST", "/-/faults", json); }
  /// JSON: [["GET", "/stub-bucket/key?query", fault or null], ...] since the last faults.
  std::string log() { return control("GET", "/-/log", ""); }
  /// JSON: {"uploads": multipart uploads that nobody has ended, "objects": keys}.
  std::string state() { return control("GET", "/-/state", ""); }

 private:
  [[noreturn]] static void run(std::vector<std::string>& arguments, int in, int out) {
    ::dup2(in, STDIN_FILENO);
    ::dup2(out, STDOUT_FILENO);
    std::vector<char*> words;
    for (auto& argument : arguments) words.push_back(argument.data());
    words.push_back(nullptr);
    ::execvp(words[0], words.data());
    ::_exit(127);
  }

  std::string control(const std::string& method, const std::string& path, const std::string& body) {
    net::HttpClient client;
    auto reply = client.send({.method = method, .url = endpoint() + path, .body = body});
    if (!reply) std::abort();
    return reply->body;
  }

  pid_t pid_ = -1;
  int stdin_ = -1;
  std::string port_;
};

}  // namespace mosaic::test
