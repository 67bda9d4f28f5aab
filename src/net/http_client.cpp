#include "net/http_client.hpp"

#include <curl/curl.h>
#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <mutex>
#include <new>
#include <system_error>

#include "base/failure.hpp"

namespace mosaic::net {
namespace {

void initialise_curl() {
  static std::once_flag once;
  std::call_once(once, [] { curl_global_init(CURL_GLOBAL_DEFAULT); });
}

std::string lower_case(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return out;
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kBlank = " \t\r\n";
  const auto first = text.find_first_not_of(kBlank);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlank) - first + 1);
}

/// The parts of an address that errors and proxies are about.
struct Origin {
  std::string text;  ///< scheme://host:port
  std::string host;
};

class ParsedUrl {
 public:
  explicit ParsedUrl(const std::string& url) : parts_(curl_url(), &curl_url_cleanup) {
    if (!parts_ || curl_url_set(parts_.get(), CURLUPART_URL, url.c_str(), 0) != CURLUE_OK) {
      throw Failure(invalid(fmt::format("url '{}' is not an address", url)));
    }
    const auto scheme = part(CURLUPART_SCHEME);
    if (scheme != "http" && scheme != "https") {
      throw Failure(invalid(fmt::format("url '{}' is neither http:// nor https://", url)));
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
  return host == "localhost" || host == "[::1]" || host.substr(0, 4) == "127.";
}

class HeaderList {
 public:
  HeaderList() = default;
  HeaderList(const HeaderList&) = delete;
  HeaderList& operator=(const HeaderList&) = delete;
  ~HeaderList() { curl_slist_free_all(list_); }

  void add(const std::string& line) {
    auto* longer = curl_slist_append(list_, line.c_str());
    if (longer == nullptr) throw std::bad_alloc();
    list_ = longer;
  }
  void add(const std::string& name, const std::string& value) {
    // A line break would smuggle in a header of its own.
    if ((name + value).find_first_of(std::string_view("\r\n\0", 3)) != std::string::npos) {
      throw Failure(invalid(fmt::format("header '{}' has a line break in it", trimmed(name))));
    }
    add(value.empty() ? name + ";" : name + ": " + value);
  }
  curl_slist* get() const { return list_; }

 private:
  curl_slist* list_ = nullptr;
};

/// What the callbacks of one request fill.
struct Transfer {
  CURL* curl = nullptr;
  const HttpRequest* request = nullptr;
  HttpReply reply;
  bool too_large = false;
  bool stopped = false;  ///< by on_body
  std::exception_ptr thrown;
};

bool accept_body(Transfer& transfer, std::string_view piece) {
  long status = 0;
  curl_easy_getinfo(transfer.curl, CURLINFO_RESPONSE_CODE, &status);
  if (transfer.request->on_body && status >= 200 && status < 300) {
    transfer.stopped = !transfer.request->on_body(piece);
    return !transfer.stopped;
  }
  transfer.too_large = transfer.reply.body.size() + piece.size() > kReplyBytesMax;
  if (!transfer.too_large) transfer.reply.body.append(piece);
  return !transfer.too_large;
}

// No exception may pass through libcurl: it is kept and thrown again behind curl_easy_perform.
std::size_t on_body(char* data, std::size_t, std::size_t size, void* context) {
  auto& transfer = *static_cast<Transfer*>(context);
  try {
    return accept_body(transfer, {data, size}) ? size : CURL_WRITEFUNC_ERROR;
  } catch (...) {
    transfer.thrown = std::current_exception();
    return CURL_WRITEFUNC_ERROR;
  }
}

std::size_t on_header(char* data, std::size_t, std::size_t size, void* context) {
  auto& headers = static_cast<Transfer*>(context)->reply.headers;
  const std::string_view line(data, size);
  // A status line begins a new answer (after 100 Continue, for one).
  if (line.substr(0, 5) == "HTTP/") headers.clear();
  const auto colon = line.find(':');
  if (colon != std::string_view::npos) {
    headers.emplace_back(lower_case(trimmed(line.substr(0, colon))),
                         trimmed(line.substr(colon + 1)));
  }
  return size;
}

void set_method(CURL* curl, const HttpRequest& request) {
  const bool has_body = !request.body.empty() || request.method == "POST" ||
                        request.method == "PUT" || request.method == "PATCH";
  if (has_body) {
    curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE,
                     static_cast<curl_off_t>(request.body.size()));
    curl_easy_setopt(curl, CURLOPT_POSTFIELDS, request.body.data());
  }
  curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, request.method.c_str());
}

void set_timeouts(CURL* curl, const HttpRequest& request) {
  curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(request.connect_timeout_ms));
  curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, static_cast<long>(request.timeout_ms));
  if (request.stall_timeout_s != 0) {
    curl_easy_setopt(curl, CURLOPT_LOW_SPEED_LIMIT, 1L);
    curl_easy_setopt(curl, CURLOPT_LOW_SPEED_TIME, static_cast<long>(request.stall_timeout_s));
  }
}

void set_target(CURL* curl, const HttpRequest& request, const Origin& origin) {
  curl_easy_setopt(curl, CURLOPT_URL, request.url.c_str());
  curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
  // "." and ".." in a path are somebody's id: send the path as it was given.
  curl_easy_setopt(curl, CURLOPT_PATH_AS_IS, 1L);
  // The environment's proxy is for the world outside, not for a node on this machine.
  if (is_loopback(origin.host)) curl_easy_setopt(curl, CURLOPT_NOPROXY, "*");
  // Timeouts without signals: other threads are at work.
  curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
}

void set_callbacks(CURL* curl, Transfer& transfer) {
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_body);
  curl_easy_setopt(curl, CURLOPT_WRITEDATA, &transfer);
  curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, on_header);
  curl_easy_setopt(curl, CURLOPT_HEADERDATA, &transfer);
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

Error to_error(const Transfer& transfer, const Origin& origin, CURLcode code, const char* message) {
  if (transfer.too_large) {
    return {ErrorCode::kPayloadTooLarge,
            fmt::format("the answer of {} is larger than {} bytes", origin.text, kReplyBytesMax)};
  }
  const auto why = reason(transfer.curl, code, message);
  double connected_s = 0;
  curl_easy_getinfo(transfer.curl, CURLINFO_CONNECT_TIME, &connected_s);
  if (code == CURLE_COULDNT_CONNECT || code == CURLE_COULDNT_RESOLVE_HOST ||
      (code == CURLE_OPERATION_TIMEDOUT && connected_s == 0)) {
    return {ErrorCode::kUnavailable, fmt::format("cannot reach {}: {}", origin.text, why)};
  }
  if (code == CURLE_OPERATION_TIMEDOUT) {
    return {ErrorCode::kDeadlineExceeded, fmt::format("no answer from {}: {}", origin.text, why)};
  }
  return {ErrorCode::kUnavailable, fmt::format("the answer of {} broke off: {}", origin.text, why)};
}

}  // namespace

std::optional<std::string> HttpReply::header(std::string_view name) const {
  for (const auto& [key, value] : headers) {
    if (key == name) return value;
  }
  return std::nullopt;
}

struct HttpClient::Handle {
  Handle() {
    initialise_curl();
    curl = curl_easy_init();
    if (curl == nullptr) throw std::bad_alloc();
  }
  Handle(const Handle&) = delete;
  Handle& operator=(const Handle&) = delete;
  ~Handle() { curl_easy_cleanup(curl); }

  HttpReply perform(const HttpRequest& request);

  CURL* curl = nullptr;
};

HttpReply HttpClient::Handle::perform(const HttpRequest& request) {
  const auto origin = ParsedUrl(request.url).origin();
  curl_easy_reset(curl);  // Keeps the connection, forgets the request before.
  HeaderList headers;
  for (const auto& [name, value] : request.headers) headers.add(name, value);
  // Without this libcurl waits for a "100 Continue" before it sends a large body.
  headers.add("Expect:");
  char message[CURL_ERROR_SIZE] = "";
  Transfer transfer{.curl = curl, .request = &request, .reply = {}, .thrown = nullptr};
  set_target(curl, request, origin);
  set_method(curl, request);
  set_timeouts(curl, request);
  set_callbacks(curl, transfer);
  curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers.get());
  curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, message);
  const auto code = curl_easy_perform(curl);
  if (transfer.thrown) std::rethrow_exception(transfer.thrown);
  if (code != CURLE_OK && !transfer.stopped) {
    throw Failure(to_error(transfer, origin, code, message));
  }
  long status = 0;
  curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
  transfer.reply.status = static_cast<int>(status);
  return std::move(transfer.reply);
}

HttpClient::HttpClient() : handle_(std::make_unique<Handle>()) {}
HttpClient::~HttpClient() = default;
HttpClient::HttpClient(HttpClient&&) noexcept = default;
HttpClient& HttpClient::operator=(HttpClient&&) noexcept = default;

Result<HttpReply> HttpClient::send(const HttpRequest& request) {
  return to_result([&] { return handle_->perform(request); });
}

}  // namespace mosaic::net
