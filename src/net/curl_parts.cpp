#include "net/curl_parts.hpp"

#include <fmt/format.h>

#include <cctype>
#include <memory>
#include <mutex>
#include <new>
#include <system_error>

#include "base/failure.hpp"
#include "net/url.hpp"

namespace mosaic::net {
namespace {

class ParsedUrl {
 public:
  explicit ParsedUrl(const std::string& url) : parts_(curl_url(), &curl_url_cleanup) {
    if (!parts_ || curl_url_set(parts_.get(), CURLUPART_URL, url.c_str(), 0) != CURLUE_OK) {
      throw Failure(invalid(fmt::format("url '{}' is not an address", without_query(url))));
    }
    const auto scheme = part(CURLUPART_SCHEME);
    if (scheme != "http" && scheme != "https") {
      throw Failure(
          invalid(fmt::format("url '{}' is neither http:// nor https://", without_query(url))));
    }
  }

  Origin origin() const {
    auto host = part(CURLUPART_HOST);
    auto text = fmt::format("{}://{}:{}", part(CURLUPART_SCHEME), host, part(CURLUPART_PORT));
    return {std::move(text), std::move(host)};
  }

 private:
  std::string part(CURLUPart which) const {
    char* text = nullptr;
    if (curl_url_get(parts_.get(), which, &text, CURLU_DEFAULT_PORT) != CURLUE_OK) return {};
    std::string copy(text);
    curl_free(text);
    return copy;
  }

  std::unique_ptr<CURLU, decltype(&curl_url_cleanup)> parts_;
};

bool is_loopback(std::string_view host) {
  return host == "localhost" || host == "[::1]" || host.starts_with("127.") ||
         host.ends_with(".localhost");
}

std::string reason(CURL* curl, CURLcode code, const char* message) {
  long os_error = 0;
  curl_easy_getinfo(curl, CURLINFO_OS_ERRNO, &os_error);
  std::string text = message[0] != '\0' ? message : curl_easy_strerror(code);
  if (code == CURLE_COULDNT_CONNECT && os_error != 0) {
    text = std::system_category().message(static_cast<int>(os_error));
  }
  if (!text.empty()) text[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(text[0])));
  return text;
}

}  // namespace

void initialise_curl() {
  static std::once_flag once;
  std::call_once(once, [] { curl_global_init(CURL_GLOBAL_DEFAULT); });
}

Origin origin_of(const std::string& url) {
  return ParsedUrl(url).origin();
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kBlank = " \t\r\n";
  const auto first = text.find_first_not_of(kBlank);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlank) - first + 1);
}

void HeaderList::add(const std::string& line) {
  auto* longer = curl_slist_append(list_, line.c_str());
  if (longer == nullptr) throw std::bad_alloc();
  list_ = longer;
}

void HeaderList::add(const std::string& name, const std::string& value) {
  // A line break would smuggle in a header of its own.
  if ((name + value).find_first_of(std::string_view("\r\n\0", 3)) != std::string::npos) {
    throw Failure(invalid(fmt::format("header '{}' has a line break in it", trimmed(name))));
  }
  add(value.empty() ? name + ";" : name + ": " + value);
}

void HeaderList::add_all(const std::vector<std::pair<std::string, std::string>>& headers) {
  for (const auto& [name, value] : headers) add(name, value);
  // Without this libcurl waits for a "100 Continue" before it sends a large body.
  add("Expect:");
}

void set_origin(CURL* curl, const Origin& origin) {
  curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
  // "." and ".." in a path are somebody's id: send the path as it was given.
  curl_easy_setopt(curl, CURLOPT_PATH_AS_IS, 1L);
  // The environment's proxy is for the world outside, not for a node on this machine.
  if (is_loopback(origin.host)) curl_easy_setopt(curl, CURLOPT_NOPROXY, "*");
  // Timeouts without signals: other threads are at work.
  curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
}

void set_method(CURL* curl, const std::string& method, const std::string& body) {
  const bool has_body = !body.empty() || method == "POST" || method == "PUT" || method == "PATCH";
  if (has_body) {
    curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body.size()));
    curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body.data());
  } else {
    curl_easy_setopt(curl, CURLOPT_HTTPGET, 1L);
  }
  // Otherwise libcurl waits for the body that the length of the answer speaks of.
  if (method == "HEAD") curl_easy_setopt(curl, CURLOPT_NOBODY, 1L);
  curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, method.c_str());
}

Error transfer_error(CURL* curl, CURLcode code, const char* message, const Origin& origin) {
  const auto why = reason(curl, code, message);
  double connected_s = 0;
  curl_easy_getinfo(curl, CURLINFO_CONNECT_TIME, &connected_s);
  if (code == CURLE_COULDNT_CONNECT || code == CURLE_COULDNT_RESOLVE_HOST ||
      (code == CURLE_OPERATION_TIMEDOUT && connected_s == 0)) {
    return {ErrorCode::kUnavailable, fmt::format("cannot reach {}: {}", origin.text, why)};
  }
  if (code == CURLE_OPERATION_TIMEDOUT) {
    return {ErrorCode::kDeadlineExceeded, fmt::format("no answer from {}: {}", origin.text, why)};
  }
  return {ErrorCode::kUnavailable, fmt::format("the answer of {} broke off: {}", origin.text, why)};
}

}  // namespace mosaic::net
