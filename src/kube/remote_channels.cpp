#include "kube/remote_channels.h"

#include <charconv>

namespace fairlead::kube {

std::string channel_message(Channel channel, std::string_view bytes) {
  std::string out(1, static_cast<char>(channel));
  return out.append(bytes);
}

std::string end_of_input_message() {
  return channel_message(Channel::close, std::string(1, static_cast<char>(Channel::input)));
}

std::string resize_message(TerminalSize size) {
  return channel_message(Channel::resize, compact(json::object{{"Width", size.columns}, {"Height", size.rows}}));
}

std::optional<ChannelMessage> read_channel_message(std::string_view message) {
  if (message.empty()) return std::nullopt;
  return ChannelMessage{static_cast<Channel>(static_cast<unsigned char>(message[0])), message.substr(1)};
}

bool ends_input(std::string_view bytes) {
  return bytes.size() == 1 && static_cast<unsigned char>(bytes[0]) == static_cast<unsigned char>(Channel::input);
}

std::optional<TerminalSize> read_resize(std::string_view bytes) {
  constexpr JsonLimits limits{.bytes = 256, .depth = 4, .duplicate_keys = false, .nodes = 16};
  const auto size = parse_json(bytes, "read the terminal's size", limits);
  if (!size || !size->is_object()) return std::nullopt;
  const std::int64_t columns = integer_at(*size, {"Width"}), rows = integer_at(*size, {"Height"});
  if (columns < 1 || rows < 1 || columns > UINT16_MAX || rows > UINT16_MAX) return std::nullopt;
  return TerminalSize{static_cast<std::uint16_t>(columns), static_cast<std::uint16_t>(rows)};
}

std::optional<int> exit_code_of(const json::value& status) {
  if (text_at(status, {"status"}) == "Success") return 0;
  if (text_at(status, {"reason"}) != "NonZeroExitCode") return std::nullopt;
  for (const auto& cause : array_at(status, {"details", "causes"})) {
    if (text_at(cause, {"reason"}) != "ExitCode") continue;
    const std::string text(text_at(cause, {"message"}));
    int code = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), code);
    if (error == std::errc() && end == text.data() + text.size() && code != 0) return code;
  }
  return std::nullopt;
}

}  // namespace fairlead::kube
