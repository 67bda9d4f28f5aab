#include "net/http_client.hpp"

#include <curl/curl.h>
#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <new>

#include "base/failure.hpp"
#include "net/curl_parts.hpp"

namespace mosaic::net {
namespace {

std::string lower_case(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return out;
}

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

void set_timeouts(CURL* curl, const HttpRequest& request) {
  curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(request.connect_timeout_ms));
  curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, static_cast<long>(request.timeout_ms));
  if (request.stall_timeout_s != 0) {
    curl_easy_setopt(curl, CURLOPT_LOW_SPEED_LIMIT, 1L);
    curl_easy_setopt(curl, CURLOPT_LOW_SPEED_TIME, static_cast<long>(request.stall_timeout_s));
  }
}

void set_callbacks(CURL* curl, Transfer& transfer) {
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_body);
  curl_easy_setopt(curl, CURLOPT_WRITEDATA, &transfer);
  curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, on_header);
  curl_easy_setopt(curl, CURLOPT_HEADERDATA, &transfer);
}

// libcurl calls it at least once a second, also while nothing moves.
int on_progress(void* context, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  return static_cast<const HttpRequest*>(context)->stop.stop_requested() ? 1 : 0;
}

void watch_stop(CURL* curl, const HttpRequest& request) {
  if (!request.stop.stop_possible()) return;
  curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
  curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, on_progress);
  curl_easy_setopt(curl, CURLOPT_XFERINFODATA, &request);
}

Error to_error(const Transfer& transfer, const Origin& origin, CURLcode code, const char* message) {
  if (!transfer.too_large) return transfer_error(transfer.curl, code, message, origin);
  return {ErrorCode::kPayloadTooLarge,
          fmt::format("the answer of {} is larger than {} bytes", origin.text, kReplyBytesMax)};
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
  const auto origin = origin_of(request.url);
  curl_easy_reset(curl);  // Keeps the connection, forgets the request before.
  HeaderList headers;
  headers.add_all(request.headers);
  char message[CURL_ERROR_SIZE] = "";
  Transfer transfer{.curl = curl, .request = &request, .reply = {}, .thrown = nullptr};
  curl_easy_setopt(curl, CURLOPT_URL, request.url.c_str());
  set_origin(curl, origin);
  set_method(curl, request.method, request.body);
  set_timeouts(curl, request);
  set_callbacks(curl, transfer);
  watch_stop(curl, request);
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
