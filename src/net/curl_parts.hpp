// What every request over libcurl shares: its start, where it goes, its headers, and what its
// failure means. Included by the files of this room alone.
#pragma once

#include <curl/curl.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "mosaic/result.hpp"

namespace mosaic::net {

/// Before anything else of libcurl; further calls do nothing.
void initialise_curl();

/// The parts of an address that errors and proxies are about.
struct Origin {
  std::string text;  ///< scheme://host:port
  std::string host;
};

/// Throws Failure (invalid_argument) when `url` is no address or neither http nor https.
Origin origin_of(const std::string& url);

class HeaderList {
 public:
  HeaderList() = default;
  HeaderList(const HeaderList&) = delete;
  HeaderList& operator=(const HeaderList&) = delete;
  ~HeaderList() { curl_slist_free_all(list_); }

  void add(const std::string& line);
  /// Throws Failure when there is a line break in it.
  void add(const std::string& name, const std::string& value);
  /// All of them, and what keeps libcurl from adding one of its own.
  void add_all(const std::vector<std::pair<std::string, std::string>>& headers);
  curl_slist* get() const { return list_; }

 private:
  curl_slist* list_ = nullptr;
};

/// Settings of a handle that depend on whom it speaks to.
void set_origin(CURL* curl, const Origin& origin);

/// `body` must stay where it is until the request is over.
void set_method(CURL* curl, const std::string& method, const std::string& body);

/// Why there is no answer. `message` is libcurl's error buffer.
Error transfer_error(CURL* curl, CURLcode code, const char* message, const Origin& origin);

std::string_view trimmed(std::string_view text);

}  // namespace mosaic::net
