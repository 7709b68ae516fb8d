// What the messages of a session say, without I/O: the first byte is a channel, as v4.channel.k8s.io and
// v5.channel.k8s.io have it (client-go's tools/remotecommand). Pure.
//
// v5 is v4 and one message more, which ends the input while output still comes. In v4 nothing can end it but the end of
// the connection, which takes the rest of the output and the exit code along.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/json.h"

namespace fairlead::kube {

inline constexpr std::string_view kChannelsV5 = "v5.channel.k8s.io", kChannelsV4 = "v4.channel.k8s.io";

enum class Channel : unsigned char { input = 0, output = 1, error_output = 2, status = 3, resize = 4, close = 255 };

struct TerminalSize {
  std::uint16_t columns = 0, rows = 0;
  bool operator==(const TerminalSize&) const = default;
};

std::string channel_message(Channel channel, std::string_view bytes);
std::string end_of_input_message();  // not in v4
std::string resize_message(TerminalSize size);

struct ChannelMessage {
  Channel channel = Channel::output;  // perhaps one that is none of those
  std::string_view bytes;             // points into the message
};
// Nothing for an empty message, which says nothing.
std::optional<ChannelMessage> read_channel_message(std::string_view message);
// Whether these bytes on Channel::close end the input.
bool ends_input(std::string_view bytes);
// {"Width": 80, "Height": 24}; nothing for what is no such size.
std::optional<TerminalSize> read_resize(std::string_view bytes);

// The exit code in the Status that ends a command; nothing where it tells that the command did not run.
std::optional<int> exit_code_of(const json::value& status);

}  // namespace fairlead::kube
