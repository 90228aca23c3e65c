#include "transport/http_exchange.hpp"

namespace troupe::transport {

http_exchange& http_exchange::operator=(http_exchange&& other) noexcept {
  if (this != &other) {
    drop();
    carrier_ = std::move(other.carrier_);
  }
  return *this;
}

void http_exchange::drop() {
  if (auto carrier = std::exchange(carrier_, nullptr)) carrier->abandon();
}

void http_exchange::respond(http_response response) {
  if (auto carrier = std::exchange(carrier_, nullptr)) carrier->respond(std::move(response));
}

void http_exchange::on_gone(std::function<void()> gone) {
  if (carrier_) carrier_->on_gone(std::move(gone));
}

bool http_exchange::upgrade_websocket(websocket_options options,
                                      std::function<void(websocket_ptr)> on_open) {
  auto carrier = std::exchange(carrier_, nullptr);
  return carrier && carrier->upgrade(std::move(options), std::move(on_open));
}

namespace {

class capturing_carrier final : public exchange_carrier {
public:
  capturing_carrier(http_request request, std::function<void(http_response)> answered)
      : request_(std::move(request)), answered_(std::move(answered)) {}

  const http_request& request() const override { return request_; }
  void respond(http_response response) override { answered_(std::move(response)); }
  void abandon() override { answered_(http_response(500)); }
  bool client_gone() const override { return false; }
  void on_gone(std::function<void()>) override {}
  bool upgrade(websocket_options, std::function<void(websocket_ptr)>) override {
    answered_(http_response(501));
    return false;
  }

private:
  http_request request_;
  std::function<void(http_response)> answered_;
};

} // namespace

http_exchange captured_exchange(http_request request, std::function<void(http_response)> answered) {
  return http_exchange(
      std::make_shared<capturing_carrier>(std::move(request), std::move(answered)));
}

} // namespace troupe::transport
