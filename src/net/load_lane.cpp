#include "net/load_lane.hpp"

#include <sys/epoll.h>

#include <new>

namespace mosaic::net {
namespace {

constexpr std::size_t kAnswerBytesMax = 64 << 20;
constexpr std::uint32_t kSocketBits = 32;

std::uint32_t epoll_events(int what) {
  return ((what & CURL_POLL_IN) != 0 ? EPOLLIN : 0U) |
         ((what & CURL_POLL_OUT) != 0 ? EPOLLOUT : 0U);
}

}  // namespace

LoadLane::LoadLane(int epoll, std::uint32_t number)
    : epoll_(epoll), number_(number), multi_(curl_multi_init()) {
  if (multi_ == nullptr) throw std::bad_alloc();
  curl_multi_setopt(multi_, CURLMOPT_SOCKETFUNCTION, on_socket);
  curl_multi_setopt(multi_, CURLMOPT_SOCKETDATA, this);
  curl_multi_setopt(multi_, CURLMOPT_TIMERFUNCTION, on_timer);
  curl_multi_setopt(multi_, CURLMOPT_TIMERDATA, this);
}

LoadLane::~LoadLane() {
  for (const auto& slot : slots_) {
    curl_multi_remove_handle(multi_, slot->curl);
    curl_easy_cleanup(slot->curl);
  }
  curl_multi_cleanup(multi_);
}

LoadSlot& LoadLane::add_slot(std::uint32_t connection, const LoadTarget& target,
                             const Origin& origin, const HeaderList& headers) {
  auto& slot = *slots_.emplace_back(std::make_unique<LoadSlot>());
  slot.connection = connection;
  slot.curl = curl_easy_init();
  if (slot.curl == nullptr) throw std::bad_alloc();
  auto* curl = slot.curl;
  set_origin(curl, origin);
  curl_easy_setopt(curl, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
  curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers.get());
  curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, static_cast<long>(target.timeout_ms));
  curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, slot.message.data());
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_body);
  curl_easy_setopt(curl, CURLOPT_WRITEDATA, &slot);
  curl_easy_setopt(curl, CURLOPT_PRIVATE, &slot);
  // As many are kept as may be in use: none is ever opened twice.
  curl_multi_setopt(multi_, CURLMOPT_MAXCONNECTS, static_cast<long>(slots_.size()));
  return slot;
}

void LoadLane::send(LoadSlot& slot, const std::string& base_url) {
  slot.answer.clear();
  slot.message[0] = '\0';
  slot.url.assign(base_url).append(slot.request.path);
  curl_easy_setopt(slot.curl, CURLOPT_URL, slot.url.c_str());
  set_method(slot.curl, slot.request.method, slot.request.body);
  curl_multi_add_handle(multi_, slot.curl);
}

void LoadLane::socket_ready(int socket, std::uint32_t events) {
  int mask = 0;
  if ((events & (EPOLLIN | EPOLLHUP)) != 0) mask |= CURL_CSELECT_IN;
  if ((events & EPOLLOUT) != 0) mask |= CURL_CSELECT_OUT;
  if ((events & EPOLLERR) != 0) mask |= CURL_CSELECT_ERR;
  int running = 0;
  curl_multi_socket_action(multi_, socket, mask, &running);
}

void LoadLane::advance() {
  timer_ = TimePoint::max();
  int running = 0;
  curl_multi_socket_action(multi_, CURL_SOCKET_TIMEOUT, 0, &running);
}

LoadSlot* LoadLane::take_finished(CURLcode& code) {
  int left = 0;
  while (const auto* message = curl_multi_info_read(multi_, &left)) {
    if (message->msg != CURLMSG_DONE) continue;
    code = message->data.result;
    auto* curl = message->easy_handle;
    LoadSlot* slot = nullptr;
    curl_easy_getinfo(curl, CURLINFO_PRIVATE, &slot);
    curl_multi_remove_handle(multi_, curl);
    return slot;
  }
  return nullptr;
}

int LoadLane::on_socket(CURL*, curl_socket_t socket, int what, void* context, void* known) {
  auto& lane = *static_cast<LoadLane*>(context);
  if (what == CURL_POLL_REMOVE) {
    ::epoll_ctl(lane.epoll_, EPOLL_CTL_DEL, socket, nullptr);
    return 0;
  }
  epoll_event event{};
  event.events = epoll_events(what);
  event.data.u64 =
      (std::uint64_t{lane.number_} << kSocketBits) | static_cast<std::uint32_t>(socket);
  ::epoll_ctl(lane.epoll_, known == nullptr ? EPOLL_CTL_ADD : EPOLL_CTL_MOD, socket, &event);
  // Any pointer marks the socket as known to epoll until it is removed.
  curl_multi_assign(lane.multi_, socket, &lane);
  return 0;
}

int LoadLane::on_timer(CURLM*, long timeout_ms, void* context) {
  static_cast<LoadLane*>(context)->timer_ =
      timeout_ms < 0 ? TimePoint::max()
                     : std::chrono::steady_clock::now() + std::chrono::milliseconds(timeout_ms);
  return 0;
}

std::size_t LoadLane::on_body(char* data, std::size_t, std::size_t size, void* context) {
  auto& answer = static_cast<LoadSlot*>(context)->answer;
  if (answer.size() + size > kAnswerBytesMax) return CURL_WRITEFUNC_ERROR;
  answer.append(data, size);
  return size;
}

}  // namespace mosaic::net
