// A connection of CAF under TLS, once hands are shaken. On the multiplexer's thread.
#pragma once

#include <memory>

#include <caf/io/network/default_multiplexer.hpp>
#include <caf/io/network/stream_impl.hpp>
#include <caf/io/scribe.hpp>

#include "base/descriptor.hpp"
#include "tls/tls_socket.hpp"

namespace mosaic::actors {

/// What CAF's streams read and write by.
class tls_policy {
 public:
  explicit tls_policy(std::unique_ptr<tls::TlsSocket> session) : session_(std::move(session)) {}

  caf::io::network::rw_state read_some(std::size_t& count, caf::io::network::native_socket,
                                       void* buffer, std::size_t size);
  caf::io::network::rw_state write_some(std::size_t& count, caf::io::network::native_socket,
                                        const void* buffer, std::size_t size);
  bool must_read_more(caf::io::network::native_socket, std::size_t wanted) const {
    return session_->waiting() >= wanted;
  }

 private:
  std::unique_ptr<tls::TlsSocket> session_;
};

class tls_scribe final : public caf::io::scribe {
 public:
  tls_scribe(caf::io::network::default_multiplexer& multiplexer, Descriptor socket,
             std::unique_ptr<tls::TlsSocket> session)
      : scribe(caf::io::network::conn_hdl_from_socket(socket.file())),
        stream_(multiplexer, socket.release(), std::move(session)) {}

  void configure_read(caf::io::receive_policy::config config) override;
  void ack_writes(bool enable) override { stream_.ack_writes(enable); }
  std::vector<char>& wr_buf() override { return stream_.wr_buf(); }
  std::vector<char>& rd_buf() override { return stream_.rd_buf(); }
  void graceful_shutdown() override;
  void flush() override { stream_.flush(this); }
  std::string addr() const override;
  std::uint16_t port() const override;
  void add_to_loop() override { stream_.activate(this); }
  void remove_from_loop() override { stream_.passivate(); }

 private:
  caf::io::network::stream_impl<tls_policy> stream_;
  bool reads_ = false;
};

}  // namespace mosaic::actors
